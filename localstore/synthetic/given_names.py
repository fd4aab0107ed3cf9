"""Given names by sex and generation, and by origin where families keep their own. Tables, no logic."""

from localstore.synthetic.draw import weighted

# The first year of birth that each generation does not hold any more.
GENERATIONS = (1946, 1966, 1986, 2006, 9999)

_MALE = (
    """Jean:9, Pierre:7, André:7, Marcel:5, René:6, Roger:6, Louis:4, Robert:5, Maurice:4, Georges:4, Raymond:4, Henri:4
    Lucien:3, Paul:3, Jacques:5, Claude:4, Fernand:2, Émile:2, Albert:3, Gaston, Léon, Bernard:3, Guy:3, Michel:4
    Jean-Baptiste, Jean-Marie, Yves:2, Gilbert:2, Marius, Eugène, Joseph:2, Edmond, Francis, Gérard:2, Serge
    Antoine""",
    """Michel:9, Alain:8, Philippe:8, Patrick:8, Jean-Pierre:7, Bernard:7, Christian:6, Daniel:6, Gérard:6, Jacques:4
    Jean-Claude:6, Dominique:4, Pascal:4, Didier:4, Jean-Paul:3, Jean-Luc:4, Jean-François:3, Jean-Michel:4, Serge:3
    Guy:2, Thierry:5, Éric:5, Bruno:4, François:3, Marc:3, Yves:2, Francis:2, Denis:2, Roland, Gilles:3, Hervé:3
    Jean-Louis:2, Jean-Jacques:2, Joël:2, Hubert, Rémi, Olivier:2, Laurent:2, Noël, Régis""",
    """Christophe:8, Nicolas:8, Stéphane:8, Sébastien:8, David:7, Frédéric:7, Julien:7, Laurent:6, Olivier:6, Jérôme:5
    Vincent:4, Cédric:4, Guillaume:5, Thomas:5, Alexandre:5, Emmanuel:3, Fabrice:4, Franck:3, Benoît:3, Mickaël:4
    Arnaud:3, Ludovic:3, Grégory:3, Yann:2, Fabien:3, Mathieu:3, Jean-Christophe, Jean-Philippe, Xavier:2, Cyril:2
    Anthony:3, Romain:3, Maxime:2, Benjamin:3, Damien:2, Gaël, Loïc:2, Raphaël, Ronan, Tanguy""",
    """Thomas:8, Alexandre:7, Maxime:7, Nicolas:5, Quentin:6, Antoine:6, Kévin:7, Lucas:6, Théo:6, Hugo:6, Clément:6
    Romain:5, Florian:5, Valentin:5, Alexis:5, Julien:4, Anthony:4, Dylan:3, Jérémy:4, Benjamin:3, Baptiste:4, Léo:3
    Jordan:3, Enzo:3, Mathis:3, Pierre:3, Paul:3, Louis:3, Adrien:3, Corentin:2, Guillaume:2, Simon:2, Arthur:3
    Tristan:2, Rémi:2, Gabriel:2, Robin:2, Bastien:2, Dorian:2, Nathan:3, Tom:2, Titouan, Jean-Baptiste, Erwan""",
    """Gabriel:7, Léo:7, Raphaël:7, Louis:6, Lucas:6, Jules:6, Adam:5, Arthur:5, Hugo:6, Nathan:5, Maël:4, Noah:4
    Ethan:4, Paul:4, Sacha:4, Tom:4, Liam:3, Gabin:3, Théo:4, Enzo:4, Mathis:4, Aaron:2, Timéo:3, Nolan:3, Eden:2
    Malo:2, Marius:2, Augustin:2, Martin:2, Victor:3, Samuel:2, Robin:2, Clément:2, Axel:3, Antoine:2, Côme, Naël:2
    Ayden, Isaac:2, Titouan, Marceau:2, Éloi, Léandre, Maxence:2, Basile, Octave, Lyam, Milo:2, Jean, Mathéo:2""",
)

_FEMALE = (
    """Jeanne:6, Marie:9, Simone:5, Yvonne:5, Denise:5, Paulette:5, Madeleine:4, Marcelle:4, Germaine:3, Suzanne:4
    Odette:4, Jacqueline:6, Ginette:4, Andrée:3, Yvette:4, Renée:4, Lucienne:3, Monique:6, Colette:4, Gisèle:3
    Micheline:3
    Huguette:3, Georgette:2, Louise:2, Raymonde:2, Thérèse:3, Hélène:2, Marguerite:3, Anne-Marie:2, Marie-Louise:2
    Marie-Thérèse:3, Geneviève:2, Liliane:2, Arlette:2, Josette:3, Solange, Bernadette:2, Nicole:2, Claudine:2""",
    """Martine:8, Monique:5, Catherine:8, Françoise:8, Nicole:6, Brigitte:8, Christine:7, Sylvie:7, Dominique:5
    Annie:5, Chantal:6, Michèle:4, Danielle:5, Jacqueline:3, Nathalie:4, Patricia:5, Véronique:6, Marie-Christine:3
    Évelyne:4, Josiane:4, Marie-Claude:3, Pascale:4, Corinne:4, Isabelle:5, Anne-Marie:2, Marie-Hélène:2, Joëlle:3
    Bernadette:3, Élisabeth:4, Régine:2, Viviane:2, Odile:2, Maryse:3, Béatrice:2, Marie-Françoise:2, Annick:3, Sylviane
    Ghislaine:2, Jocelyne:3, Marie-France:2, Florence:2, Geneviève:2, Colette:2, Claudine:2, Agnès:2""",
    """Nathalie:6, Isabelle:6, Stéphanie:8, Céline:8, Sandrine:7, Valérie:6, Virginie:6, Aurélie:7, Émilie:6, Julie:5
    Delphine:5, Laetitia:5, Karine:4, Sophie:5, Christelle:4, Élodie:5, Caroline:4, Sabrina:3, Audrey:4, Sylvie:2
    Séverine:4, Magali:3, Laurence:4, Marie:4, Anne-Sophie:2, Claire:4, Hélène:3, Vanessa:4, Jennifer:3, Mélanie:4
    Florence:3, Carole:2, Sonia:2, Amandine:3, Gaëlle:2, Emmanuelle:3, Anne:2, Cécile:3, Aude, Marie-Laure, Nadège:2
    Estelle:2, Bénédicte, Maud, Solenne, Fabienne:2, Charlotte:2, Alexandra:2""",
    """Camille:8, Laura:7, Marie:6, Léa:8, Manon:8, Sarah:6, Pauline:6, Chloé:6, Julie:5, Marion:6, Mathilde:5, Océane:5
    Marine:5, Justine:5, Anaïs:5, Lucie:5, Emma:4, Morgane:4, Mélanie:3, Clara:4, Margaux:4, Inès:4, Lisa:3, Charlotte:3
    Mélissa:3, Amandine:3, Élodie:2, Juliette:3, Alice:3, Clémence:3, Eva:2, Coralie:2, Émilie:2, Noémie:3, Solène:2
    Fanny:3, Ophélie:2, Lola:2, Romane:2, Claire:2, Estelle:2, Louise:2, Agathe:2, Maëva:2, Jade, Elsa:2, Anne-Laure""",
    """Emma:7, Jade:7, Louise:7, Alice:6, Chloé:6, Lina:5, Léa:6, Rose:4, Anna:5, Mila:4, Inès:5, Ambre:4, Julia:4
    Manon:5, Juliette:5, Lou:4, Camille:5, Zoé:4, Lola:4, Agathe:4, Jeanne:4, Lucie:3, Eva:3, Sarah:3, Romane:3, Nina:3
    Charlotte:3, Léna:4, Clara:3, Margaux:2, Iris:2, Victoire:2, Alix, Adèle:2, Élise:2, Capucine:2, Éléna, Apolline
    Lyana, Alba:2, Romy:2, Giulia, Olivia:2, Victoria:2, Louna:2, Maëlys:3, Garance, Suzanne, Marie, Elsa:2, Mya""",
)

_MAGHREB_MALE = """Mohamed:9, Ahmed:5, Karim:5, Rachid:5, Abdelkader:3, Youssef:4, Samir:4, Mustapha:3, Hassan:3
Farid:3
Nabil:3, Bilal:2, Mehdi:4, Yanis:3, Ilyès:2, Omar:2, Saïd:3, Ali:3, Ibrahim:2, Amine:3, Sofiane:3, Abdallah:2
Kamel:2"""
_MAGHREB_FEMALE = """Fatima:7, Khadija:4, Nadia:5, Samira:4, Aïcha:3, Leïla:3, Malika:3, Yamina:2, Sarah:3, Amina:3
Naïma:3, Zohra:3, Yasmine:3, Inès:3, Soraya:2, Farida:3, Karima:3, Houria, Fatma:2, Latifa:2, Rania, Nour, Lina
Djamila"""
_PORTUGUESE_MALE = "José:4, Manuel:4, António:3, Carlos:3, João:2, Paulo:2, Miguel:2, Luís:2, Joaquim, Rui"
_PORTUGUESE_FEMALE = "Maria:7, Ana:3, Isabel:2, Fernanda, Paula:2, Rosa:2, Sandra:2, Inês, Teresa, Lucília, Sofia"
_AFRICAN_MALE = "Mamadou:5, Moussa:4, Ibrahima:3, Abdoulaye:3, Ousmane:2, Amadou:3, Cheick:2, Issa:2, Bakary, Désiré"
_AFRICAN_FEMALE = "Fatoumata:5, Aminata:4, Mariam:4, Aïssatou:3, Awa:2, Kadiatou:2, Grâce:2, Oumou, Ramata"
_TURKISH_MALE = "Mehmet:4, Mustafa:3, Ahmet:3, Ali:2, Emre:2, Hasan:2, Yusuf:2, Murat:2, Kerem, İbrahim"
_TURKISH_FEMALE = "Fatma:4, Ayşe:4, Emine:3, Hatice:2, Elif:3, Zeynep:2, Merve:2, Sevim, Gülcan, Meryem"
_ASIAN_MALE = "Van Minh:2, Minh:2, Quang, Tuan, Duc, Hai, Wei, Hung, Khanh, Jian, Phuc, Long"
_ASIAN_FEMALE = "Thi Lan:2, Thi Hoa:2, Thi Mai, Linh, Kim, Mai, Xiu, Yen, Thuy, Mei, Ngoc Anh, Huong"

# (male, female) of each generation.
FRENCH = tuple((weighted(male), weighted(female)) for male, female in zip(_MALE, _FEMALE, strict=True))

OWN = {
    "maghreb": (weighted(_MAGHREB_MALE), weighted(_MAGHREB_FEMALE)),
    "portuguese": (weighted(_PORTUGUESE_MALE), weighted(_PORTUGUESE_FEMALE)),
    "african": (weighted(_AFRICAN_MALE), weighted(_AFRICAN_FEMALE)),
    "turkish": (weighted(_TURKISH_MALE), weighted(_TURKISH_FEMALE)),
    "asian": (weighted(_ASIAN_MALE), weighted(_ASIAN_FEMALE)),
}
# How often a family of this origin gives one of its own names rather than one of the generation's.
KEEPS_OWN = {"maghreb": 0.88, "portuguese": 0.45, "african": 0.75, "turkish": 0.92, "asian": 0.7}

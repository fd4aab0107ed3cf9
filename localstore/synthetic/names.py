"""Family names as they are met in France today, by the part of the world they came from. Tables, no logic.

Common names only, in the proportions of a waiting room and not of a census: a patient list of 500 must show homonyms,
as a real one does. Order and weights are our own.
"""

from localstore.synthetic.draw import shares, weighted

ORIGINS = shares(
    {
        "french": 790, "maghreb": 85, "portuguese": 28, "latin": 30, "african": 20, "turkish": 10, "asian": 10,
        "caribbean": 15, "eastern": 12,
    }
)  # fmt: skip

_FRENCH = """
Martin:24, Bernard:15, Thomas:14, Petit:14, Robert:13, Richard:12, Durand:12, Dubois:12, Moreau:11, Laurent:11, Simon:10
Michel:10, Lefebvre:10, Leroy:9, Roux:9, David:9, Bertrand:9, Morel:8, Fournier:8, Girard:8, Bonnet:8, Dupont:8
Lambert:7, Fontaine:7, Rousseau:7, Vincent:7, Muller:6, Lefèvre:6, Faure:6, André:6, Mercier:6, Blanc:6, Guérin:5
Boyer:5, Garnier:5, Chevalier:5, François:5, Legrand:5, Gauthier:5, Perrin:4, Robin:4, Clément:4, Morin:4, Nicolas:4
Henry:4, Roussel:4, Mathieu:4, Gautier:4, Masson:4, Marchand:4, Duval:4, Denis:4, Dumont:4, Marie:3, Lemaire:3, Noël:3
Meyer:3, Dufour:3, Meunier:3, Brun:3, Blanchard:3, Giraud:3, Joly:3, Rivière:3, Lucas:3, Brunet:3, Gaillard:3
Barbier:3, Arnaud:3, Martinet:2, Gérard:3, Roche:3, Renard:3, Schmitt:3, Roy:3, Leroux:3, Colin:3, Vidal:3, Caron:2
Picard:2, Roger:2, Fabre:2, Aubert:2, Lemoine:2, Renaud:2, Dumas:2, Lacroix:2, Olivier:2, Philippe:2, Bourgeois:2
Pierre:2, Benoît:2, Rey:2, Leclerc:2, Payet:3, Rolland:2, Leclercq:2, Guillaume:2, Lecomte:2, Jean:2, Dupuy:2
Guillot:2, Hubert:2, Berger:2, Carpentier:2, Sanchez, Dupuis:2, Moulin:2, Louis:2, Deschamps:2, Huet:2, Vasseur:2
Boucher:2, Fleury:2, Royer:2, Klein:2, Jacquet:2, Adam:2, Paris:2, Poirier:2, Marty:2, Aubry:2, Guyot:2, Carré:2
Charles:2, Renault:2, Charpentier:2, Ménard:2, Maillard:2, Baron:2, Bertin:2, Bailly:2, Hervé:2, Schneider:2, Collet:2
Léger:2, Bouvier:2, Julien:2, Prévost:2, Millet:2, Perrot:2, Daniel:2, Le Gall:2, Cousin:2, Germain:2, Breton:2
Besson:2, Langlois:2, Rémy:2, Le Goff:2, Pelletier:2, Lévêque:2, Perrier:2, Leblanc:2, Barré:2, Lebrun:2, Marchal:2
Weber:2, Mallet:2, Hamon:2, Boulanger:2, Jacob:2, Monnier:2, Michaud:2, Guichard:2, Poulain:2, Étienne:2, Hoarau:2
Tessier, Chevallier, Collin, Lemaître, Chauvin, Bouchet, Maréchal, Gay, Humbert, Antoine, Pasquier, Perret, Cordier
Delaunay, Albert, Riou, Bigot, Dupré, Besnard, Reynaud, Grondin, Ollivier, Hébert, Pichon, Coulon, Camus, Lejeune
Verdier, Bodin, Delmas, Briand, Allard, Vallée, Tanguy, Maury, Costa, Launay, Seguin, Gilbert, Coste, Gros, Buisson
Le Roux, Peltier, Blin, Lebon, Raynaud, Rossignol, Lacombe, Navarro, Ferrand, Vaillant, Mahé, Leduc, Toussaint, Évrard
Wagner, Kieffer, Zimmermann, Schwartz, Hoffmann, Fischer, Walter, Keller, Haas, Wendling, Sutter, Vogel, Kuntz, Ehrhart
Le Bihan, Kervella, Quéré, Guéguen, Cariou, Le Corre, Le Floch, Le Guen, Kerouanton, Bozec, Penven, L'Hostis, Le Dû
Etcheverry, Harispe, Ithurralde, Etchegaray, Santoni, Luciani, Casanova, Paoli, Mattei, Giudicelli, Colonna, D'Ornano
Dewaele, Vandenbroucke, Declercq, Vanhoutte, Delattre, Dubrulle, Lesage, Wattiez, Delannoy, Desmet, Hennebelle, Duhamel
de La Fontaine, de Bernières, du Chesnay, d'Aboville, de Villeneuve, de Rohan-Chastel, des Roches, de Saint-Aubin
Saint-Martin, Petit-Jean, Grand-Clément, Roux-Fouillet, Bosc-Ducros, Vigneau-Lestrade, Mourier-Lapeyre, Château
Chastagner, Deloffre, Peyronnet, Bessière, Lagarde, Cazenave, Castéra, Dupouy, Labat, Laborde, Capdeville, Soulié
Pujol, Puig, Fabrègue, Calvet, Bousquet, Combes, Cros, Estève, Barthès, Rouquette, Pagès, Lafon, Bernadet, Mazières
"""

_MAGHREB = """
Benali:4, Bouzid:3, Haddad:3, Saïdi:3, Amrani:3, Mansouri:3, Belkacem:3, Hamdi:2, Cherif:3, Zerrouki:2, Bensaïd:2
Boukhari:2, Ait Ahmed:2, Belhadj:2, El Amrani:2, El Idrissi:3, Benjelloun, Ben Salah:2, Trabelsi:3, Jaziri, Gharbi:2
Khelifi:2, Ouali:2, Rahmani:3, Meziane:2, Slimani:3, Toumi:2, Yahiaoui:2, Zidane, Bouchareb, Ben Youssef, Hadj Saïd
Messaoudi:2, Kaddour, Lakhdar, Nait Ali, El Khattabi, Bennani, Mokrani, Ferhat, Guerrouj, Ben Amor, Dridi, Sassi
"""

_PORTUGUESE = """
da Silva:5, Pereira:4, Ferreira:4, dos Santos:4, Rodrigues:3, Fernandes:3, Gonçalves:3, de Oliveira:2, da Costa:3
Lopes:3, Marques:2, Gomes:2, Ribeiro:2, Carvalho:2, Teixeira:2, Moreira:2, Correia, Mendes:2, Pinto:2, Vieira, de Sousa
"""

_LATIN = """
Garcia:6, Martinez:5, Lopez:4, Perez:4, Sanchez:4, Fernandez:3, Rodriguez:3, Gonzalez:3, Gomez:3, Ruiz:3, Hernandez:2
Moreno:2, Muñoz, Ortega, Rossi:2, Ferrari:2, Russo:2, Romano, Esposito, Bianchi, Ricci, Marino, Greco, Lombardi, Conti
De Luca, Di Meglio, Carbone, Moretti, Bruno:2
"""

_AFRICAN = """
Diallo:5, Traoré:4, Coulibaly:4, Diop:3, Ndiaye:2, N'Diaye:3, Keita:3, Cissé:3, Konaté:3, Camara:3, Touré:3, Sow:2
Ba:2, Fofana:3, Kouassi:2, Kouamé:2, N'Guessan:2, Mbaye:2, M'Baye, Sylla:2, Sissoko:2, Dembélé:2, Mensah, Ilunga
Mukendi, Nkounkou, Tchatchoua, Rakotomalala, Andrianarisoa, Ali Saïd, Houmadi, Madi, Abdou
"""

_TURKISH = "Yilmaz:4, Kaya:3, Demir:3, Çelik:2, Şahin:2, Yıldız:2, Öztürk:2, Aydın:2, Arslan:2, Doğan:2, Kılıç, Koç"

_ASIAN = """
Nguyen:9, Tran:5, Le:3, Pham:3, Huynh:2, Hoang, Phan:2, Vo:2, Dang, Bui, Do, Ngo, Nguyen Van:2, Chen:3, Wang:3, Li:2
Zhang:2, Liu, Huang, Lin:2, Xiong, Vang:2, Chea, Sok, Phommachanh
"""

_CARIBBEAN = """
Jean-Baptiste:3, Joseph:3, Saint-Louis:2, Pierre-Louis:2, Célestin:2, Placide:2, Mathurin:2, Jean-Marie:2, Zénon
Désir, Jean-Louis:2, Hippolyte, Marie-Sainte:2, Rosine, Nestor, Télémaque, Bellance, Jacques-Sébastien, Charles-Alfred
"""

_EASTERN = """
Kowalski:3, Nowak:3, Wisniewski, Wojcik, Kaczmarek:2, Lewandowski, Szymanski:2, Popescu:2, Ionescu, Petrovic:2
Jovanovic
Novak, Horvat, Ivanov, Popov, Kovalenko, Shevchenko, Sarkissian, Petrossian, Papadopoulos, Dragan, Mihai, Krasniqi
"""

FAMILY_NAMES = {
    "french": weighted(_FRENCH), "maghreb": weighted(_MAGHREB), "portuguese": weighted(_PORTUGUESE),
    "latin": weighted(_LATIN), "african": weighted(_AFRICAN), "turkish": weighted(_TURKISH), "asian": weighted(_ASIAN),
    "caribbean": weighted(_CARIBBEAN), "eastern": weighted(_EASTERN),
}  # fmt: skip

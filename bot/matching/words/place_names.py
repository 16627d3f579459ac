"""Well-known places: words that clubs and firms are called after, and that tell neither (matching.md section 6)."""

from __future__ import annotations

PLACES = frozenset(
    """
    europe afrique africa amerique america asie asia oceanie france allemagne deutschland germany espagne espana spain
    portugal italie italia italy belgique belgie belgium suisse schweiz switzerland luxembourg luxemburg nederland
    netherlands hollande holland angleterre england ecosse scotland galles wales irlande ireland autriche osterreich
    austria pologne polska poland tchequie cesko czechia slovaquie slovensko slovakia hongrie magyarorszag hungary
    roumanie romania bulgarie bulgaria grece hellas greece turquie turkiye turkey croatie hrvatska croatia serbie srbija
    serbia slovenie slovenija slovenia bosnie bosnia albanie albania macedoine macedonia montenegro kosovo suede sverige
    sweden norvege norge norway danemark danmark denmark finlande finland suomi islande iceland estonie eesti estonia
    lettonie latvija latvia lituanie lietuva lithuania ukraine russie russia belarus moldavie moldova georgie georgia
    armenie armenia azerbaijan kazakhstan chypre cyprus malte malta monaco andorre andorra maroc morocco algerie algeria
    tunisie tunisia libye egypte egypt senegal mali niger nigeria cameroun gabon congo togo benin ghana kenya angola
    madagascar israel liban lebanon syrie irak iraq iran qatar koweit kuwait dubai arabie inde india pakistan chine
    china japon japan coree korea vietnam thailande singapore singapour indonesie indonesia malaysia philippines
    australie australia canada quebec ontario mexique mexico bresil brasil brazil argentine argentina chili chile perou
    peru colombie colombia venezuela bolivie uruguay paraguay ecuador cuba haiti texas florida california
    aberdeen dundee swansea newport durham brighton plymouth exeter norwich oxford cambridge nottingham leicester
    coventry derby worcester gloucester hereford inverness falkirk midlands yorkshire lancashire cheshire cumbria
    essex kent surrey sussex norfolk suffolk devon cornwall dorset somerset hampshire wiltshire berkshire shropshire
    staffordshire warwickshire derbyshire lincolnshire nottinghamshire northamptonshire bedfordshire hertfordshire
    ulster connacht munster leinster galway limerick waterford kilkenny donegal
    britain iberia benelux scandinavia balkans alpes pyrenees ardennes
    bretagne normandie alsace lorraine aquitaine provence occitanie picardie champagne bourgogne auvergne limousin
    poitou touraine anjou berry savoie dauphine languedoc roussillon gascogne bearn vendee artois flandre flandres
    wallonie vlaanderen brabant limburg hainaut corse guadeloupe martinique guyane reunion mayotte
    aisne allier ardeche ariege aube aude aveyron calvados cantal charente correze creuse dordogne doubs drome eure
    finistere gard garonne gers gironde herault isere jura landes loire loiret lozere marne mayenne moselle meuse
    morbihan nievre oise orne rhin rhone sarthe seine somme tarn vaucluse vienne vosges yonne essonne
    paris lyon marseille toulouse nice nantes montpellier strasbourg bordeaux lille rennes reims toulon grenoble dijon
    angers nimes villeurbanne clermont ferrand brest tours amiens limoges annecy perpignan metz besancon orleans rouen
    mulhouse caen nancy argenteuil montreuil roubaix tourcoing avignon dunkerque poitiers versailles nanterre creteil
    pau cannes antibes colmar bourges quimper vannes lorient valence troyes niort chambery bastia ajaccio beziers
    guingamp auxerre sedan laval evreux beauvais arles albi agen dax bayonne biarritz cholet blois chartres
    bruxelles brussels brussel anvers antwerpen antwerp liege namur charleroi gand gent bruges brugge leuven mons
    geneve geneva lausanne zurich berne bern bale basel lugano amsterdam rotterdam utrecht eindhoven groningen
    berlin hambourg hamburg munich munchen cologne koln francfort frankfurt stuttgart dusseldorf dortmund leipzig bremen
    dresden hannover nurnberg duisburg bochum bielefeld bonn munster karlsruhe mannheim augsburg freiburg mainz kassel
    bayern hessen sachsen thuringen vienne wien vienna graz linz salzburg innsbruck
    londres london manchester birmingham liverpool leeds bristol sheffield glasgow edinburgh cardiff belfast dublin
    cork madrid barcelone barcelona valencia sevilla bilbao malaga zaragoza andalucia cataluna catalunya lisbonne lisboa
    lisbon porto braga coimbra rome roma milan milano turin torino naples napoli genova bologna firenze florence venise
    venezia verona palermo bari toscana lombardia sicilia piemonte varsovie warszawa warsaw krakow wroclaw poznan gdansk
    lodz prague praha brno ostrava bratislava budapest debrecen bucarest bucuresti bucharest cluj timisoara iasi sofia
    plovdiv varna athenes athina athens thessaloniki istanbul ankara izmir zagreb split belgrade beograd ljubljana
    sarajevo skopje tirana stockholm goteborg malmo uppsala oslo bergen trondheim copenhague kobenhavn copenhagen aarhus
    odense helsinki tampere turku reykjavik tallinn tartu riga vilnius kaunas kiev kyiv lviv odessa moscou moscow
    moskva minsk chisinau
    casablanca rabat tunis alger dakar abidjan cairo johannesburg tokyo pekin beijing shanghai hongkong delhi mumbai
    sydney melbourne toronto montreal vancouver ottawa chicago boston washington york angeles houston
    москва россия украина киев българия софия пловдив варна србија београд минск αθηνα ελλαδα θεσσαλονικη
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""Countries, regions, departments of France and large towns, folded, by their own names, in French and in English."""

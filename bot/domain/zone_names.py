"""What people call time zones: cities, countries and everyday names that are no IANA names."""

# The zones most asked for stand first: that is the order in which equally good matches are offered. A name may stand in
# several zones; then nobody is sent to one of them unasked. Countries that are not here come from the zone data; those
# with a zone that nearly everybody lives in are here, so that their name means that one.
PLACES = {
    "UTC": "Universal time",
    "GMT": "Greenwich Mean time",
    "America/New_York": (
        "New York City, NYC, Eastern time, EST, EDT, Boston, Washington DC, Philadelphia, Atlanta, Miami, "
        "Orlando, Pittsburgh, Baltimore, Charlotte, Cleveland, Columbus, Cincinnati, Raleigh, Brooklyn, Buffalo, "
        "Georgia, Massachusetts, New Jersey, Pennsylvania, Virginia, North Carolina, Ohio, Portland, Cambridge, "
        "America, USA, United States, United States of America"
    ),
    "America/Los_Angeles": (
        "LA, Pacific time, PST, PDT, San Francisco, Seattle, San Diego, San Jose, Oakland, Sacramento, "
        "Silicon Valley, Las Vegas, Portland, Palo Alto, Berkeley, California, Nevada, Washington State, "
        "America, USA, United States, United States of America"
    ),
    "America/Chicago": (
        "Central time, CST, CDT, Dallas, Houston, Austin, San Antonio, Minneapolis, New Orleans, Nashville, "
        "St. Louis, Milwaukee, Kansas City, Memphis, Oklahoma City, Birmingham, Texas, Illinois, Minnesota, "
        "Wisconsin, America, USA, United States, United States of America"
    ),
    "America/Denver": (
        "Mountain time, MST, MDT, Salt Lake City, Albuquerque, Colorado Springs, Colorado, Utah, New Mexico, "
        "Montana, Wyoming, America, USA, United States, United States of America"
    ),
    "Europe/London": (
        "GMT, BST, British time, Britain, Great Britain, UK, United Kingdom, England, Scotland, Wales, "
        "Northern Ireland, Edinburgh, Glasgow, Manchester, Birmingham, Liverpool, Leeds, Bristol, Cardiff, "
        "Belfast, Oxford, Cambridge, Sheffield, Newcastle"
    ),
    "Europe/Berlin": (
        "Germany, Deutschland, CET, CEST, MEZ, MESZ, Central European time, Munich, München, Hamburg, Frankfurt, "
        "Cologne, Köln, Stuttgart, Düsseldorf, Leipzig, Dresden, Hanover, Hannover, Nuremberg, Nürnberg, Bremen, "
        "Dortmund, Essen, Bonn"
    ),
    "Europe/Paris": "France, Lyon, Marseille, Toulouse, Nice, Bordeaux, Lille, Nantes, Strasbourg, Montpellier",
    "Europe/Madrid": "Spain, España, Barcelona, Valencia, Seville, Sevilla, Bilbao, Malaga, Zaragoza",
    "Europe/Rome": (
        "Italy, Italia, Roma, Milan, Milano, Naples, Napoli, Turin, Torino, Florence, Firenze, Venice, Venezia, "
        "Bologna, Genoa, Palermo"
    ),
    "Asia/Kolkata": (
        "India, IST, Indian time, Calcutta, Mumbai, Bombay, Delhi, New Delhi, Bangalore, Bengaluru, Chennai, "
        "Madras, Hyderabad, Pune, Ahmedabad, Jaipur, UTC+5:30, GMT+5:30"
    ),
    "Asia/Tokyo": "Japan, 日本, 東京, JST, Osaka, Kyoto, Yokohama, Nagoya, Sapporo, Fukuoka, Kobe",
    "Asia/Shanghai": (
        "China, 中国, 北京, 上海, China time, CST, Beijing, Peking, Shenzhen, Guangzhou, Chengdu, Hangzhou, Wuhan, "
        "Nanjing, Chongqing, Tianjin, Xi'an"
    ),
    "Asia/Singapore": "SGT",
    "Australia/Sydney": "AEST, AEDT, Canberra, Newcastle, Wollongong, New South Wales, Australia",
    "America/Sao_Paulo": "Brasília, BRT, Rio de Janeiro, Belo Horizonte, Curitiba, Porto Alegre, Brasil, Brazil",
    "America/Toronto": "EST, EDT, Ottawa, Montreal, Montréal, Quebec, Québec, Mississauga, Ontario, Canada",
    "America/Mexico_City": "Mexico, México, CDMX, Guadalajara, Puebla, Ciudad de México",
    "Europe/Amsterdam": "Netherlands, Holland, Nederland, Rotterdam, The Hague, Utrecht, Eindhoven",
    "Europe/Brussels": "Belgium, Brussel, Bruxelles, Antwerp, Antwerpen, Ghent, Bruges, Leuven, Liège",
    "Europe/Zurich": "Switzerland, Schweiz, Suisse, Geneva, Genève, Basel, Bern, Lausanne, Lucerne",
    "Europe/Vienna": "Austria, Österreich, Wien, Graz, Linz, Salzburg, Innsbruck",
    "Europe/Stockholm": "Sweden, Sverige, Gothenburg, Göteborg, Malmö, Uppsala",
    "Europe/Oslo": "Norway, Norge, Bergen, Trondheim, Stavanger",
    "Europe/Copenhagen": "Denmark, Danmark, København, Aarhus, Odense, Aalborg",
    "Europe/Helsinki": "Finland, Suomi, Espoo, Tampere, Turku, Oulu",
    "Europe/Warsaw": "Poland, Polska, Warszawa, Krakow, Kraków, Gdansk, Gdańsk, Wroclaw, Wrocław, Poznan, Lodz, Łódź",
    "Europe/Prague": "Czech Republic, Czechia, Praha, Česko, Brno, Ostrava",
    "Europe/Budapest": "Hungary, Magyarország, Debrecen",
    "Europe/Bucharest": "Romania, România, București, Cluj, Timisoara, Iasi",
    "Europe/Athens": "Greece, Ελλάδα, Αθήνα, EET, EEST, Eastern European time, Thessaloniki",
    "Europe/Dublin": "Ireland, Éire, IST, Cork, Galway, Limerick",
    "Europe/Lisbon": "Portugal, Lisboa, WET, WEST, Western European time, Porto",
    "Europe/Istanbul": "Turkey, Türkiye, Ankara, Izmir, Antalya",
    "Europe/Kyiv": "Ukraine, Україна, Київ, Kiev, Lviv, Odesa, Odessa, Kharkiv, Dnipro",
    "Europe/Moscow": "Russia, Москва, Россия, MSK, Moscow time, St. Petersburg, Saint Petersburg, Kazan, Sochi",
    "Europe/Sofia": "Bulgaria, България, София, Plovdiv, Varna",
    "Europe/Zagreb": "Croatia, Hrvatska, Split, Dubrovnik",
    "Europe/Belgrade": "Serbia, Beograd, Novi Sad",
    "Europe/Vilnius": "Lithuania, Lietuva, Kaunas",
    "Asia/Seoul": "Korea, South Korea, 한국, 서울, KST, Busan, Incheon, Daegu",
    "Asia/Hong_Kong": "HKT, 香港, Kowloon",
    "Asia/Taipei": "Taiwan, 台灣, 台北, Kaohsiung, Taichung",
    "Asia/Bangkok": "Thailand, ICT, Chiang Mai, Phuket, Pattaya",
    "Asia/Ho_Chi_Minh": "Vietnam, Việt Nam, Saigon, Hanoi, Hà Nội, Da Nang",
    "Asia/Jakarta": "WIB, Bandung, Surabaya, Java, Indonesia",
    "Asia/Makassar": "WITA, Bali, Denpasar, Indonesia",
    "Asia/Manila": "Philippines, Pilipinas, Cebu, Davao, Quezon City",
    "Asia/Kuala_Lumpur": "Malaysia, Penang, Johor Bahru",
    "Asia/Dubai": "United Arab Emirates, UAE, Emirates, GST, Abu Dhabi, Sharjah",
    "Asia/Riyadh": "Saudi Arabia, Jeddah, Mecca, Medina",
    "Asia/Qatar": "Qatar, Doha",
    "Asia/Jerusalem": "Israel, IST, Tel Aviv, Haifa",
    "Asia/Tehran": "Iran, Persia, Isfahan, Mashhad, UTC+3:30, GMT+3:30",
    "Asia/Karachi": "Pakistan, PKT, Lahore, Islamabad, Rawalpindi, Faisalabad",
    "Asia/Dhaka": "Bangladesh, BST, Chittagong",
    "Asia/Kathmandu": "Nepal, Katmandu, Pokhara, UTC+5:45, GMT+5:45",
    "Asia/Colombo": "Sri Lanka, Ceylon, Kandy",
    "Asia/Yangon": "Myanmar, Burma, Rangoon, Mandalay, UTC+6:30, GMT+6:30",
    "Asia/Kabul": "Afghanistan, UTC+4:30, GMT+4:30",
    "Asia/Almaty": "Kazakhstan, Astana, Alma-Ata",
    "Asia/Tashkent": "Uzbekistan",
    "Asia/Tbilisi": "Georgia, Batumi",
    "Asia/Nicosia": "Cyprus, Limassol, Larnaca",
    "Africa/Cairo": "Egypt, Alexandria, Giza",
    "Africa/Lagos": "Nigeria, WAT, West Africa time, Abuja, Ibadan, Kano",
    "Africa/Johannesburg": "South Africa, SAST, Cape Town, Durban, Pretoria",
    "Africa/Nairobi": "Kenya, EAT, East Africa time, Mombasa",
    "Africa/Casablanca": "Morocco, Rabat, Marrakesh, Marrakech, Tangier",
    "Africa/Algiers": "Algeria, Oran",
    "Africa/Accra": "Ghana, Kumasi",
    "America/Vancouver": "Pacific time Canada, Victoria, British Columbia, Canada",
    "America/Edmonton": "Calgary, Alberta, Canada",
    "America/Winnipeg": "Manitoba, Canada",
    "America/Regina": "Saskatoon, Saskatchewan, Canada",
    "America/Halifax": "Atlantic time, AST, ADT, Nova Scotia, Canada",
    "America/St_Johns": "Newfoundland, NST, NDT, Canada, UTC-3:30, GMT-3:30",
    "America/Phoenix": "Arizona, MST, Tucson, Scottsdale, USA, United States, United States of America",
    "America/Detroit": "Michigan, Ann Arbor, Grand Rapids",
    "America/Anchorage": "Alaska, AKST, AKDT, Fairbanks, America, USA, United States, United States of America",
    "Pacific/Honolulu": "Hawaii, HST, Maui, Waikiki, America, USA, United States, United States of America",
    "America/Puerto_Rico": "San Juan, AST",
    "America/Argentina/Buenos_Aires": "Argentina, ART, Rosario, La Plata",
    "America/Santiago": "Chile, Valparaiso",
    "America/Bogota": "Colombia, Medellin, Cali, Cartagena",
    "America/Lima": "Peru, Perú, Cusco",
    "America/Caracas": "Venezuela, Maracaibo, Valencia",
    "America/Guayaquil": "Ecuador, Quito",
    "America/La_Paz": "Bolivia, Sucre",
    "America/Costa_Rica": "San Jose",
    "America/Santo_Domingo": "Dominican Republic",
    "America/Havana": "Cuba, Habana",
    "America/Tijuana": "Baja California",
    "America/Monterrey": "Nuevo León",
    "Australia/Melbourne": "AEST, AEDT, Geelong, Victoria, Australia",
    "Australia/Brisbane": "AEST, Gold Coast, Cairns, Queensland, Australia",
    "Australia/Perth": "AWST, Western Australia, Australia",
    "Australia/Adelaide": "ACST, ACDT, South Australia, Australia",
    "Australia/Darwin": "ACST, Northern Territory, Australia, UTC+9:30, GMT+9:30",
    "Australia/Hobart": "AEST, AEDT, Tasmania, Australia",
    "Pacific/Auckland": "New Zealand, Aotearoa, NZST, NZDT, Wellington, Christchurch",
}

# What is offered before anything is typed: about one zone for each offset, the most used one, from west to east.
COMMON_ZONES = (
    "UTC",
    "Pacific/Honolulu",
    "America/Anchorage",
    "America/Los_Angeles",
    "America/Denver",
    "America/Chicago",
    "America/New_York",
    "America/Halifax",
    "America/Sao_Paulo",
    "Atlantic/Azores",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "Africa/Lagos",
    "Europe/Athens",
    "Europe/Istanbul",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Dhaka",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
)

# Where most people live who use Discord in a language.
LOCALE_ZONES = {
    "bg": "Europe/Sofia",
    "cs": "Europe/Prague",
    "da": "Europe/Copenhagen",
    "de": "Europe/Berlin",
    "el": "Europe/Athens",
    "en-GB": "Europe/London",
    "es-419": "America/Mexico_City",
    "es-ES": "Europe/Madrid",
    "fi": "Europe/Helsinki",
    "fr": "Europe/Paris",
    "hi": "Asia/Kolkata",
    "hr": "Europe/Zagreb",
    "hu": "Europe/Budapest",
    "id": "Asia/Jakarta",
    "it": "Europe/Rome",
    "ja": "Asia/Tokyo",
    "ko": "Asia/Seoul",
    "lt": "Europe/Vilnius",
    "nl": "Europe/Amsterdam",
    "no": "Europe/Oslo",
    "pl": "Europe/Warsaw",
    "pt-BR": "America/Sao_Paulo",
    "ro": "Europe/Bucharest",
    "ru": "Europe/Moscow",
    "sv-SE": "Europe/Stockholm",
    "th": "Asia/Bangkok",
    "tr": "Europe/Istanbul",
    "uk": "Europe/Kyiv",
    "vi": "Asia/Ho_Chi_Minh",
    "zh-CN": "Asia/Shanghai",
    "zh-TW": "Asia/Taipei",
}

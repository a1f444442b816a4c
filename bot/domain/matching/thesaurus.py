"""Words that people use for the same thing in everyday questions, a group a line, in their base forms."""

THESAURUS = """
birth born birthplace
birthday birthdate bday
childhood youth upbringing
child children kid
baby infant newborn
teenager teen adolescent teenage
adult grownup
man men guy dude
woman women lady
person people human
mother mom mum mama mommy
father dad papa daddy
brother sister sibling
grandmother grandma granny
grandfather grandpa granddad
husband wife spouse hubby
marry marriage wed wedding
friend buddy pal friendship
neighbor neighbour
die died dying dead death
kill murder slay
education schooling
university college uni
phd doctorate doctoral
thesis dissertation
degree diploma
graduate graduation grad
student pupil undergraduate
teach taught instruct tutor
teacher instructor tutor
professor prof lecturer
course class coursework
exam quiz
homework assignment
mentor mentorship advisor
scholarship fellowship bursary
money cash
salary wage pay paid income earn compensation paycheck
pay paid payment
price cost pricing fee
expensive pricey
cheap inexpensive affordable
buy bought purchase
sell sold sale
spend spent expenditure
invoice receipt billing
refund reimburse reimbursement
discount coupon voucher rebate
lend lent loan
rich wealth wealthy affluent
profit profitable profitability lucrative
invest investment investor
finance financial monetary
donate donation donor
subscribe subscription subscriber
customer client buyer shopper
shop store retailer
economy economic economics economist
crypto cryptocurrency bitcoin
health healthy wellness wellbeing
doctor physician
hospital clinic
illness ill sick sickness disease ailment
medicine medication drug pill
cure heal remedy
treatment therapy
therapist counselor counsellor
pain ache painful
injury injure wound
tired exhausted fatigue weary exhaustion
burnout overwork
sleep slept asleep nap
anxiety anxious nervous worry worried
happy happiness glad joy joyful
sad sadness unhappy sorrow
angry anger furious rage fury
afraid fear scared scare scary frighten
enjoy love adore
hate dislike detest loathe despise hatred
feel felt feeling emotion
lonely loneliness solitude
bored boring boredom dull tedious
excite excitement thrill
passion passionate enthusiasm enthusiastic
grateful thankful gratitude
sorry apologize apologise apology
forgive forgave forgiven forgiveness
curious curiosity inquisitive
brave bravery courage courageous
introvert introverted introversion
habit routine ritual
hobby pastime leisure
diet dietary nutrition
weigh weight
exercise workout fitness gym
vegetarian vegan
vaccine vaccination vaccinate immunization
virus pathogen germ
infection infect infectious contagious
pandemic epidemic
covid coronavirus
cancer tumor tumour
smoke cigarette tobacco smoker
alcohol booze liquor
tooth teeth dental dentist
foot feet
sight eyesight
job work career profession occupation employment employer vocation
boss manager supervisor
lead led leader leadership
manage management oversee supervise
ceo executive exec
coworker colleague teammate
team crew squad
employee staff worker personnel workforce
company firm business corporation enterprise biz
startup venture
founder cofounder
entrepreneur entrepreneurship businessman businesswoman
hire recruit recruitment
unemployed unemployment jobless
quit resign resignation
layoff redundancy
cv resume
project endeavor endeavour undertaking
task chore todo
conference summit symposium
workshop seminar
office workplace
freelance freelancer contractor
telecommute wfh telework
skill ability capability aptitude
talent talented gifted
expert specialist guru expertise
beginner newbie novice newcomer rookie noob
amateur hobbyist
intern internship apprentice trainee
retire retirement pension
lawyer attorney solicitor
police cop policeman
army military
farm farmer farming agriculture agricultural
chef cook
actor actress
journalist reporter
author writer novelist
astronaut cosmonaut
athlete sportsman sportswoman
coach trainer
motivate motivation incentive
goal aim objective purpose
achieve achievement accomplish accomplishment attain
success successful succeed
fail failure unsuccessful
win won victory triumph winner
lose lost loss
award prize trophy accolade
challenge difficulty obstacle hurdle
problem issue trouble
fix solve solution resolve troubleshoot
fix repair mend
workaround bypass circumvent
try tried attempt
make made create build built construct
produce generate
invent invention inventor devise
write wrote written writing
draw drew drawn sketch doodle
paint painter painting
compose composer composition
imagine imagination envision
idea concept notion
release launch rollout
publish publication publisher
begin began begun start commence
stop cease halt
finish complete end
continue proceed
increase raise boost
rise rose risen
grow grew grown growth
decrease reduce reduction lessen diminish
change alter modify modification alteration
replace replacement swap substitute
toggle switch
improve improvement enhance enhancement
convert transform transformation
adjust tweak adjustment
become became
evolve evolution evolutionary
stay remain
keep kept retain
destroy destruction ruin wreck
break broke broken
damage harm
delete remove erase rid wipe
uninstall remove
add insert append
include contain
combine merge
mix blend mixture
split divide separate
close shut
hide hid hidden conceal
show shown display
reveal disclose uncover
disappear vanish
happen occur occurrence
reason cause rationale
effect affect impact
consequence result outcome
prevent avoid avert prevention
ban forbid forbidden prohibit
allow permit permission
enable activate activation
disable deactivate
refuse reject decline rejection refusal
delay postpone defer
restore recover retrieve recovery
restart reboot
choose chose chosen select pick choice selection
option alternative
decide decision
use usage utilize utilise
experiment trial
verify validate confirm check verification
compare comparison versus vs
difference different differ distinct
similar similarity alike resemble
same identical
equal equivalent
opposite contrary
say said tell told
ask inquire enquire
answer reply respond response
message msg dm
mail email
talk speak spoke spoken chat
conversation discussion discuss dialogue convo
news headline
diary journal
explain explanation clarify describe description clarification
disagree disagreement
criticize criticise criticism critique critic
joke funny humor humour hilarious humorous
laugh laughter giggle
smile grin
cry weep wept sob
shout yell scream
quiet silent silence
loud noise noisy
listen hear heard
phone telephone mobile cellphone smartphone
language linguistic lang
true truth
honest honesty sincere sincerity
fake counterfeit bogus
false untrue
wrong incorrect
introduce introduction intro
summary summarize summarise overview recap synopsis
information info
tutorial guide walkthrough howto
documentation docs manual handbook doc
comment remark
blog weblog blogger
article essay
television tv telly
twitter tweet
facebook fb
youtube yt
instagram insta ig
wikipedia wiki
help assist assistance aid
advertise advertisement ad advert
think thought believe belief
opinion viewpoint stance perspective
know knew known knowledge
learn learnt study studied
understand understood comprehend comprehension
realize realise
remember recall memorize memorise recollect
forget forgot forgotten
predict prediction forecast foresee foresaw
expect expectation anticipate anticipation
necessary essential necessity
influence inspire inspiration influential
doubt skeptical sceptical skepticism
uncertain uncertainty unsure
estimate estimation approximate
assume assumption presume
focus concentrate concentration attention
smart clever
genius prodigy
stupid dumb foolish idiot stupidity
crazy insane mad
intuition instinct gut intuitive
attitude mindset
moral morality ethics ethical
persuade convince persuasion
good better great
best greatest finest
best favorite favourite fav
bad worse worst terrible awful horrible
hard difficult tough tricky
easy simple straightforward effortless
complex complexity complicated
fast quick rapid swift speedy
speed velocity pace
slow sluggish lag laggy
important significant crucial vital importance
famous fame renowned celebrity
new recent latest
modern contemporary
outdated obsolete deprecated
big large
huge enormous gigantic massive
small tiny
tall height
short brief concise
wide broad width
overweight obese obesity
strong strength powerful
beautiful beauty gorgeous
clean tidy
mess messy clutter
safe safety secure security
danger dangerous unsafe hazard hazardous
risk risky
useless pointless worthless
benefit advantage upside perk
drawback disadvantage downside
interesting fascinating intriguing
strange weird odd bizarre peculiar
rare uncommon unusual
normal ordinary usual typical
perfect flawless perfection
awesome amazing incredible fantastic wonderful
fun amusing
reliable reliability dependable trustworthy
enough sufficient adequate
accurate accuracy precise precision exact
additional extra
probability likelihood chance
luck lucky fortunate
prepare preparation ready
various variety diverse diversity
empty blank
private privacy
limit limitation restrict restriction
unlimited infinite endless
mistake error blunder
advice advise tip suggest suggestion recommend recommendation
lesson takeaway
warn warning caution beware
strategy tactic
method technique approach methodology
procedure process workflow
rule guideline
example sample
practice practise rehearse
priority prioritize prioritise
persistence perseverance persevere
often frequent frequently frequency
seldom rarely infrequent
sometimes occasionally occasional
previous prior former
currently nowadays
history historical historic historian
day daily everyday
year annual yearly
morning dawn sunrise
evening night nighttime
holiday vacation getaway
schedule timetable agenda
christmas xmas
live reside residence
house home
apartment condo
city town
country nation
world worldwide global
place location venue
travel trip journey voyage
go went gone
come came
leave left depart departure
move relocate relocation
immigrant immigration immigrate emigrate
abroad overseas
plane airplane aircraft aeroplane
fly flew flown flight
car automobile vehicle
bike bicycle cyclist
truck lorry
taxi cab
subway metro
boat yacht vessel
drive drove driven
ride rode ridden
run ran
hike trek hiker
swim swam swum swimmer
climb climber mountaineering
road street
hotel hostel motel accommodation lodging
luggage baggage suitcase
near nearby
beach coast shore seaside
toilet bathroom restroom
garden gardener backyard
sofa couch
fridge refrigerator
trash garbage rubbish
gasoline petrol fuel
america american usa
britain british uk
europe european
france french
germany german
spain spanish
italy italian
china chinese
japan japanese
russia russian
netherlands dutch holland
science scientific
research investigation investigate
discover discovery breakthrough
paper preprint
data dataset
statistics statistical stats
math maths mathematics mathematical mathematician
physics physicist
chemistry chemist chemical
astronomy astronomer astrophysics
archaeology archeology archaeologist
neuroscience neuroscientist
gene genetic genome dna genetics
laboratory lab
evidence proof
prove proven proof
calculate calculation
chart graph diagram
cold chilly
spacecraft spaceship rocket
analyze analyse analysis analyses
software app application program
bug glitch defect error
crash freeze froze frozen hang hung
update upgrade
install installation setup
photo picture image pic photograph
screenshot screengrab
video vid clip footage
account profile
login logon signin
logout logoff signout
register registration signup enroll enrol
password passcode passphrase pwd
authenticate authentication auth
setting preference option configuration config configure
customize customise personalize personalise
screen monitor display
file document
folder directory dir
sync synchronize synchronise synchronization
copy duplicate clone
find found search
organize organise arrange
memory ram
disk disc hdd ssd
cpu processor
computer pc laptop machine
mac macos osx
iphone ios
tablet ipad
code program
developer programmer coder dev
library framework
plugin addon extension
parameter argument param
integer int
boolean bool
database db
website site webpage
internet web online
link url hyperlink
spam junk
malware virus trojan spyware
hack hacker
wifi wireless
shortcut hotkey keybinding
click tap
scroll swipe
zoom magnify
font typeface
emoji emoticon smiley
notification notify alert
undo revert
edit revise
refresh reload
command cmd
repo repository
license licence
interface ui gui
admin administrator
robot bot robotic
chatbot bot
gpt chatgpt
algorithm algo algorithmic
automate automation automatic
technology tech technological
device gadget
chip microchip semiconductor
autonomous driverless
drone uav
camera webcam cam
headphone earphone headset earbud
microphone mic
cable cord wire
visualize visualise visualization
optimize optimise optimization optimisation
asynchronous async
regex regexp
javascript js
typescript ts
postgres postgresql
html markup
css stylesheet
environment env
specification spec
maximum max
minimum min
average avg
feature functionality
caption subtitle
audio sound
compress compression zip
extract unzip decompress
expire expiration expiry
fiction novel
story tale narrative
poem poetry poet
biography bio autobiography memoir
comic cartoon
theater theatre
movie film cinema
art artwork
song tune
sing sang sung singer vocal
concert gig
guitar guitarist
piano pianist
dance dancer
clothes clothing outfit garment apparel
wear wore worn
color colour hue
gray grey
center centre middle
soccer football
game videogame gaming gamer
tournament championship
compete competition contest
rival opponent competitor
throw threw thrown toss
catch caught
fight fought combat
food meal cuisine
eat ate eaten
drink drank drunk beverage
dinner supper
bake baker bakery
restaurant eatery bistro
taste flavor flavour
delicious tasty yummy
hungry hunger starve
vegetable veggie
grill barbecue bbq
fund funding fundraise
partner partnership
collaborate collaboration cooperate cooperation teamwork
vendor supplier seller
deliver delivery shipment
headquarters hq
charity nonprofit ngo
law legal legislation
steal stole stolen theft rob thief
prison jail imprison
government govt
vote election elect ballot voter
democracy democratic
religion religious faith
meditate meditation mindfulness
animal creature
dog puppy canine
cat kitten feline
horse pony
rabbit bunny
mouse mice
earthquake quake seismic
bring brought
give gave given
take took taken
get got gotten
hold held
see saw seen
send sent
sit sat
stand stood
wake woke woken awake
feed fed
fall fell fallen
defend defense defence
escape flee fled
collect collection gather
annoy irritate bother
relax relaxation unwind
contribute contribution contributor
amount quantity
part piece portion
topic subject
area region zone
"""

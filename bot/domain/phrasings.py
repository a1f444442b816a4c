"""Ways to say the same in a question, beyond the single words of the thesaurus, and words that tell questions apart.

All words are base forms, expressions without articles and pronouns. A line is a group, its members set apart by
commas; an indented line goes on with the group before it.
"""

# What can stand for each other, more or less: the larger the group, the less.
SENSES = """
get started, start out, get into, first step, first steps, begin, take up, pick up, got started, come to, enter,
  launch
start, begin, set out, go into, found, set up, kick off, early days
beginner, newbie, novice, new to, newcomer, totally new, just starting, just getting into, starting out,
  starting from scratch, know nothing about, no experience, first time, get into, total beginner, absolute beginner,
  inexperienced
inspire, inspiration, motivate, motivation, lead you to, drive, spark, prompt, get you into, draw you to, drawn to,
  attract, interested in, hooked on, fall in love with, interest, passion, push you, what got you, influence,
  turn to
why, reason, what made, made you, what was behind, behind, how come, what lead, motivation, rationale, purpose,
  what for, idea behind, thinking behind, decision, decide
enthusiasm, interest, interested, excite, passion, spark, keen, enthusiastic, curious, love
create, build, make, develop, design, invent, found, start, come up with, write, produce, put together, set up,
  construct, launch, craft, homemade, handmade, make yourself
origin, come from, stem from, where does, roots, background, beginning, story behind, how did come about, genesis,
  born
come up with, get idea, idea, inspiration, find, think of, invent, dream up, source of inspiration
name, call, title, named, choose name, what called
choose, pick, select, decide on, go for, settle on, prefer, go with, opt for, decide, criteria, determine, choice,
  selection process
prefer, rather, favour, better, instead of, over, choose, like more, lean towards
favourite, best, love most, like most, enjoy most, like best, top, go to, preferred, most loved, number one,
  prize most, means the most, dearest, all time
best, better, good, great, top, excellent, finest, optimal, ideal, right, recommend
worst, bad, terrible, awful, terribly wrong, go wrong, disaster, horrible, least favourite
recommend, recommendation, suggest, advice, advise, tip, point to, hand to, pointer, should, guidance,
  would you tell, what would you say, words of wisdom, suggestion, worth
regret, wish you had, do differently, do again, change, redo, in hindsight, looking back, start over,
  knowing what you know now, with hindsight, mistake, from scratch, over again, second chance, go back in time,
  redesign, undo
mistake, go wrong, error, wrong, fail, screw up, blunder, mess up, misstep, bad decision, pitfall
misconception, myth, get wrong, misunderstand, misunderstood, misunderstanding, false belief, wrong idea,
  wrong about, mistaken belief, belief, disagree, debunk
hard, difficult, tough, challenge, struggle, challenging, tricky, obstacle, painful, demanding, trouble,
  biggest challenge, toughest, problem, hurdle, headache, hardest part, cause most trouble
easy, simple, straightforward, no effort, piece of cake, beginner friendly, accessible
problem, challenge, issue, difficulty, concern, obstacle, weakness, shortcoming
biggest, greatest, largest, main, major, most important, number one, key, single biggest, chief, primary, top
surprise, unexpected, expect, imagine, surprising, anticipate, see coming, foresee, shock, astonish,
  caught off guard, see it coming, predict, startle
popular, popularity, success, successful, take off, many people, everyone use, hit, widely used, famous, so big,
  hype, in demand, widespread, trend, trendy, well known, adoption
underrated, overlooked, deserve more attention, undervalued, too little attention, underappreciated,
  not enough attention, more attention, neglected, hidden gem, hardly anyone knows
overrated, overhyped, hype, too much attention, overestimated, exaggerated, overvalued, justified
proud, proudest, achievement, accomplishment, means the most, highlight, best moment, greatest success, accomplish
future, in ten years, years from now, next decade, decade from now, coming years, where is going, look like in,
  ahead, next few years, outlook, five years from now, ten years from now, twenty years from now, decade,
  going forward, evolve, long term, next big, look like
disappear, die out, obsolete, go away, replace, vanish, extinct, still exist, survive, end of, take over,
  make redundant, kill off, become redundant, still be around
will, going to, plan, any plans, planning, chance, intend, ever, consider, in the works, any chance, roadmap,
  on horizon
plan, intend, in the works, coming, any chance, work on, next, considering, roadmap, going to, upcoming, pipeline,
  future, on the way, in store
next, upcoming, new, coming, future, forthcoming, work on, in the works
release, out, come out, publish, available, launch, appear, hit shelves, hit the shelves, in stores, on sale,
  get our hands on, ship, release date, drop
follow up, sequel, next, second, after finishing, after, continue, another, continuation, next volume, part two
slow down, hit a wall, plateau, stagnate, stall, dead end, run out of steam, end of road, stuck, reach limit,
  limits, diminishing returns
scale, scaling, bigger, larger, more data, more compute, more parameters, size, scale up
agi, artificial general intelligence, human level intelligence, general intelligence, human level ai,
  superintelligence, human level, general ai, as smart as humans, truly intelligent, singularity
intelligence, intelligent, smart, clever, iq
reason, reasoning, think, understand, truly understand, comprehend, thought
llm, large language model, language model, gpt, chatgpt, chatbot, generative ai, gpt4, gpt 4, bard, claude, gemini,
  copilot
ai, artificial intelligence, machine learning, deep learning, ml, machine, neural network, neural net, dl,
  machine intelligence, computer
deep learning, neural network, neural net, machine learning, dl, ml, nn
ml, machine learning, statistical learning
computer vision, image recognition, vision, image
nlp, natural language processing, language, text
network, net, model, architecture
train, training, fit, practise, prepare, workout, learn
gpu, graphics card, hardware, compute, nvidia, tpu, accelerator
framework, library, package, tool, toolkit, software, api
bug, glitch, error, defect, issue
github, issue tracker, repository, issues, pull request, repo, open source
open source, free software, oss, maintain, maintenance, volunteer, unpaid, maintainer, side project, contributor,
  community
side project, spare time project, hobby project, hobby, pet project
maintain, maintenance, look after, take care of, keep up, upkeep, support, in charge of, manage
contribute, help out, get involved, contribution, contributor, take part, pitch in, pull request, give back
support, run on, run on top of, work with, compatible, compatibility, integrate, integration, backend,
  available for, available on
backend, engine, run on top of
migrate, port, upgrade, switch, move, convert
faster, speed up, performance, slow, optimise, efficient, efficiency, speed
paper, research, publication, publish, article, study, preprint
research, science, study, academia, academic, investigate
phd, doctorate, doctoral, degree, university, academic credentials, formal education, graduate school, grad school,
  college, academic background, advanced degree
self taught, teach yourself, no degree, autodidact, without degree, no formal education, on your own, by yourself,
  without university, no formal training, bootcamp
job, career, profession, position, work, land a job, employ, employment, living, occupation, line of work, vocation,
  role
hire, get hired, land a job, get job, find job, recruit, candidate, interview, break into, apply, look for in,
  applicant, employ, stand out, get your foot in the door
employer, company, google, boss, firm, work for
leave, quit, move on, step down, resign, depart, give up, walk away, departure, part ways, drop out, stop
quit, stop, give up, end, drop out, leave, abandon, throw in the towel, no longer, anymore, cease, call it quits,
  packing it in
switch, change, move to, transition, career change, shift, change careers, pivot, convert, make the jump
too late, too old, still stand a chance, still a chance, middle aged, late, at my age, old, at 40, at 50,
  still possible, still time
worth, worthwhile, worth it, make sense, good idea, pay off, pointless, worth the effort, bother, should,
  reasonable, useful, sensible, any point, waste of time, advisable, benefit
necessary, need, required, have to, must, essential, requirement, prerequisite, get by without, do without, without,
  mandatory, do you need, indispensable
enough, sufficient, alone, suffice, only, all you need, adequate, just
possible, can, able, capable, manage, feasible, doable, could, ability, is there a way, any way, allow
really, truly, actually, true, real, genuine, in fact, honestly
important, matter, crucial, essential, vital, significance, big deal, key, role, count
matter more, more important, overrated, beat, outweigh, trump, count for more
useful, helpful, help, benefit, valuable, handy, worth, any good
worry, concern, afraid, fear, scared, frighten, anxious, nervous, get scared off, scare, lose sleep,
  keep you up at night, keep awake, dread, existential risk, danger, risk, threat, terrify, uneasy, alarm
dangerous, risk, danger, threat, existential risk, doom, harm, hazard, catastrophe, unsafe, safe
safe, safety, dangerous, risk, harmful, hurt, bad for, unhealthy, ok
regulate, regulation, law, government, legislation, rule, politician, restrict, lawmaker, oversight
ethics, moral, ethical, right, wrong, responsible, responsibility
bias, fair, fairness, discrimination, prejudice, unfair
unemployment, take job, replace, lose job, job loss, automate, automation, out of work, unemployed, make obsolete,
  put out of work, take away, wipe out job, layoff
programmer, developer, software engineer, software developer, coder, engineer, programming, code, coding,
  write code, write software, software, ml engineer
code, program, programming, write code, software, develop, hack
engineer, engineering, developer, technical
student, learner, pupil, learn, study, young people
teach, explain, show, introduce, educate, pass on, education, school, instruct, teacher
learn, study, master, pick up, understand, get better at, self study, acquire, become fluent, teach yourself,
  get into, read up
better, improve, get better, improvement, progress, level up, practise, strengthen, advance, hone, upgrade,
  become better
practise, practice, train, exercise, hard work, drill, rehearse
maths, math, mathematics, calculus, linear algebra, formula, statistics, probability, equation, algebra
statistics, probability, stats, data
book, read, textbook, novel, title, resource, reading, volume, literature
textbook, introduction, course, tutorial, resource, learning material, book, class, lecture
introduction, intro, primer, beginner, basics, first, get started, know nothing about, fundamental
resource, material, book, course, tutorial, reference, where to learn
write, author, pen, writing, draft, compose, put on paper, novelist, become an author
draft, manuscript, version, chapter, first version, early version
writer's block, stuck, words just won't come, blank page, can't write, out of ideas, creative block, run dry, block
outline, plotter, plan, plot, pantser, make up as you go, make story up, just start writing, plan out, improvise,
  structure
character, figure, protagonist, hero, main character, heroine, villain
villain, antagonist, bad guy, enemy
ending, end, finale, conclude, last chapter, final, conclusion
like you, yourself, based on you, autobiographical, alter ego, resemble, self portrait, own life, based on real
real, based on, real person, real life, true story, true, inspired by
story, tale, narrative, plot, fiction, novel
publisher, publish, print, manning, publishing house, editor
translate, translation, translator, language, version
review, critic, criticism, critique, feedback, rating, opinion, trash, bad press, reader say
negative, bad, harsh, trash, nasty, one star, critical, hate
rude, disrespectful, toxic, mean, nasty, hostile, abusive, hate, troll, critical, unfriendly, insult, aggressive,
  haters, offensive, harassment
handle, deal with, cope with, manage, respond to, react to, approach, way of handling, face, treat, overcome,
  get over, get through, do about, tackle, go about, survive, bear, what do you do when, live with, when
react, reaction, respond, response, feel, take it, say when, say about, feel when, feel like, felt
feel, emotion, reaction, like, experience
stage fright, nervous, nerves, anxiety, before concert, go on stage, jitters, nervous before
stress, pressure, anxiety, burnout, overwork, exhaust, overwhelm, strain, stressed
burnout, exhaustion, overwork, exhausted, burned out, burn out, burnt out, tired
fail, failure, flop, setback, rejection, unsuccessful, go wrong, lose, defeat, fall through, not work out,
  disappointment, bomb
motivated, motivation, drive, keep going, carry on, day after day, persevere, keep at it, persist, discipline,
  push through, not give up, stay motivated, inspire, energy, get out of bed
keep going, persevere, carry on, continue, give up, not give up, hold on, stick with, push on, stay motivated,
  keep from quitting
time, find time, hour, how long, squeeze in, schedule, fit in, make time, juggle, busy
balance, juggle, combine, work life balance, manage, reconcile, find time, next to, alongside, besides, time for,
  divide time, at the same time, both
next to, beside, besides, alongside, on top of, in addition to, while, apart from, other than, outside of
free time, spare time, hobby, outside of work, leisure, fun, relax, pastime, weekend, after work, not working,
  when you aren't working, interest, off duty, unwind, for fun, day off
relax, switch off, unwind, rest, calm down, wind down, long day, recharge, chill, de stress, clear head, disconnect,
  decompress
typical day, day look like, daily routine, routine, average day, schedule, usual day, walk through day, day to day,
  daily life, ordinary day, regular day
morning routine, begin your day, start day, begin day, after waking up, wake up, first thing in morning, get up,
  early, morning
morning person, early bird, early or late, night owl, get up early, late at night, early riser, night person
evening, night, late, after work, end of day
family, wife, husband, kid, child, parent, home, spouse, partner, fatherhood, motherhood, relatives, children
child, kid, little, young, childhood, growing up, grow up, little boy, little girl, son, daughter, youngster,
  toddler, as a child, teenager, youth, when young, small, when you were little
parent, mum, dad, mother, father, mom, family, parenting, raise, fatherhood, motherhood, mum and dad
father, fatherhood, dad, become a father, since kid were born, parenthood, parent
mentor, role model, take under wing, look up to, teacher, guide, influence, hero, help you early on, guidance, idol,
  shape
role model, idol, hero, admire, look up to, inspire, inspiration, influence, respect most
team, colleague, coworker, work together, group, staff, crew, collaborate
meet, encounter, get to know, come across, find, run into, first meet, acquaintance
friend, social, lonely, friendship, buddy
dream, dream job, want to be, want to become, ambition, aspiration, hope, wish, aspire, goal
want to be, dream job, become, dream of, career, when grow up, profession, alternative career, aspire to
become, turn into, end up as, be, career, want to be
if you weren't, other profession, had been, instead of, otherwise, other career, alternative, which profession,
  never been invented, hadn't become, in another life, plan b
money, afford, pay, cost, price, earn, budget, cash, expensive, income, cheap, rich, financial, finance
earn, income, revenue, make money, salary, pay, profit, make living, money make, bring in, paid, earning,
  how much make
make living, live on, pay bills, pay rent, earn living, full time, livelihood, earn enough, make ends meet, living,
  viable, support yourself, sustain, live off, quit your day job, enough to live
cost, price, spend, charge, expensive, how much, fee, amount, pay, fair amount, worth
price, charge, fair price, cost, value, fee, rate, worth, sell for
budget, cheap, affordable, not much money, little money, low cost, inexpensive, don't have much money, tight budget,
  without spending, low budget, without breaking bank, under 100
fund, funding, finance, invest, investor, raise money, sponsor, pay for, money come from, crowdfunding, kickstarter,
  venture capital, business model, bankroll
invest, investment, stock, fund, put money, savings, portfolio, stock market, save
save, saving, put aside, put away, set aside, retirement
retire, retirement, pension, stop working, old age, hang up
buy, purchase, get, shop, own, pick up, spend on, order, acquire, supermarket, store bought
own, have, possess, personally, buy
gear, equipment, setup, kit, tool, hardware, camera, use, machine, device, rig, stuff
setup, workspace, desk, office, studio, workplace, work environment, workstation, gear, where you work, room,
  equipment
photograph, photographer, photography, shoot, camera, picture, photo, image, take picture
camera, shoot with, body, lens
analog, film, film photography, vinyl, analogue, darkroom
come back, comeback, revival, return, renaissance, resurgence, fashionable again, trend
astronomy, night sky, star, telescope, sky, space, stargazing, stargazer, universe, planets, cosmos
space, universe, cosmos, outer space, orbit, galaxy
alien, extraterrestrial, life on other planet, life elsewhere, life out there, alone in universe
visible, see, observe, spot, watch, view, look at
garden, gardening, plant, grow, vegetable patch, yard, bed, allotment, gardener, backyard, border
plant, grow, sow, seed, cultivate, raise, put in the ground
water, irrigate, watering, hose
fertilise, feed, fertilizer, manure, nutrient, fertilize
prune, cut back, trim, cut, pruning
pest, insect, slug, snail, aphid, bug, keep away, eat my, get rid of, eaten, infestation
pesticide, chemical, spray, farm chemical, insecticide, herbicide, neonicotinoid, weedkiller, poison
compost, composting, organic waste, kitchen scraps, kitchen waste
flat, apartment, small space, balcony, tiny apartment, home, city, no garden, without garden, studio
bee, hive, colony, beekeeper, beekeeping, honey, swarm, honeybee
die, death, kill, decline, die off, die out, perish, lose, collapse, disappear
survive, make it through, get through, live through, overwinter, last
bread, loaf, dough, sourdough, bake, baker, crust, baking
crispy, crunchy, crust, crisp, on the outside
dense, heavy, rise, flat, airy, fluffy
pasta, spaghetti, noodle, lasagne
recipe, dish, cook, meal, food, cuisine, ingredient, cooking
cook, kitchen, chef, recipe, bake, prepare
healthy eating, nutrition, diet, healthy, food, eat healthily, eat well
vegetarian, vegan, meat, plant based
run, runner, marathon, race, mileage, jog, weekly kilometre, running, distance, athlete, ultra
athlete, runner, sportsperson, player, sport, sportsman, perform
mileage, kilometre, distance, weekly, volume, miles
injury, injured, hurt, stay healthy, pain, get hurt, damage, sore
sleep, rest, night, enough rest, bed, nap, insomnia, tired, hours a night
fit, in shape, fitness, healthy, exercise, sport, workout, stay healthy
race, marathon, competition, tournament, match, event, contest
match, game, tournament, competition, race, fixture, before game, play
superstition, lucky charm, ritual, lucky, superstitious, talisman, habit
win, beat, victory, champion, triumph, succeed, defeat
lose, defeat, lost, losing, beaten
chess, opening, endgame, grandmaster, board, tactics, engine, move
endgame, few pieces left, ending, won position, end of the game
opening, first move, repertoire, defence, gambit
engine, computer, stockfish, machine, ai
ruin, destroy, make less interesting, kill, spoil, take fun out of, harm, damage, hurt, less interesting, bad for,
  boring
cheat, cheating, cheater, unfair, dishonest
board game, tabletop, boardgame, game
game, videogame, play, gamer, player, title
multiplayer, coop, online, together, co op, with friends
tour, on tour, touring, concert, gig, live, play live, on the road, show, perform, on stage
concert, gig, show, live, stage, performance, perform
music, song, band, musician, album, record, tune, playlist, instrument
song, track, lyrics, tune, lyric, piece, music
instrument, guitar, piano, violin, play
guitar, instrument, luthier, acoustic
wood, timber, woodworking, lumber, working with wood, carpenter, carpentry, woodwork, furniture, table
furniture, table, chair, cabinet, piece
painting, canvas, paint, picture, artwork, art, painter
finished, done, complete, stop working on, ready, finish, know when to stop, final
know, tell, realise, notice, recognise, judge, find out, at what point, test, sign, determine, figure out
when, at what point, what moment, what age, how old, what year, at what age, what time, date, how soon
test, try out, check, experiment, verify, step go through, evaluate, prove, try
episode, podcast, show, interview, series, season, programme
podcast, show, episode, listen
season, series, round, second season, continuation
topic, theme, subject, about, cover, what about
newsletter, blog, substack, mailing list, subscriber, article, post
article, post, blog, write, column, piece, text
comment, response, reader say, reader write, what reader write, feedback, reply, write in response
read, follow, keep up with, look at, go through, pay attention to, closely follow
reader, audience, fan, follower, listener, community, user, viewer, subscriber
newspaper, journalism, printed daily, press, print, daily, news, journalist, media, printed
keep up, stay up to date, keep on top of, follow, stay current, stay informed, keep track, up to date, new papers,
  latest, keep abreast, keep pace, stay in loop
company, business, startup, found, founder, firm, enterprise, entrepreneur
startup, business, company, found company, founder, business concept, business idea, venture
idea, concept, business concept, thought, plan, notion
customer, client, user, buyer
union, unionise, organise, unionize, labour union, collective bargaining, factory worker, workers rights
decline, say no, turn down, refuse, request, reject, set boundaries, boundary
say no, decline, declining request, turn down, refuse, set boundaries, boundary
quality, trait, characteristic, skill, attribute, strength, look for, property
skill, ability, talent, competence, learn, know how
talent, gifted, gift, born, natural, innate, genius
hard work, practice, effort, dedication, discipline, practise, work hard
women, woman, girl, female, gender, ladies
men, man, boy, male
compete, top level, competition, participate, take part, play at
few, so few, little, rare, hardly any, not many, small number, lack, keep from, underrepresented
many, lots, so many, a lot, plenty, numerous
homework, assignment, essay, school, schoolwork, coursework, exam
okay, mind, allowed, acceptable, wrong, fine, ok, permissible, object, approve, cheating, have against, problem with
creative, creativity, original, truly original, imagination, imaginative, art, artistic, come up with something
conscious, consciousness, sentient, self aware, aware, feelings, alive
climate, environment, global warming, climate change, environmental, green, carbon, co2, planet, sustainable,
  emission
electric car, ev, evs, electric vehicle, tesla, e car
renewable, solar, wind power, clean energy, green energy, solar panel
holiday, vacation, away, travel, trip, go away, break, time off
trip, expedition, journey, travel, tour, adventure, voyage
travel, visit, trip, abroad, go to, country, see, been to
look after, take care of, care for, watch, who looks after, tend, keep alive, happen to
europe, germany, france, over here, uk, european, continent
hometown, grow up, come from, born, raised, from, upbringing, roots, where from
live, based, home, reside, move to, settle, place, living
move, relocate, emigrate, moved to, leave for, settle
language, speak, fluent, bilingual, mother tongue, tongue
history, past, ancient, historical, centuries
medieval, middle ages, knights, mediaeval
change, different, affect, effect, impact, influence, transform, shape, difference, alter, change life
define, definition, mean, what is, meaning, what counts as, describe, understand by, what exactly
measure, quantify, test, benchmark, evaluate, assess, metric, gauge
explain, describe, simple terms, tell about, what is, layman, make clear, plain english, clarify, in a nutshell,
  eli5
describe, show, look like, what is like, picture, tell about, paint picture
difference, compare, versus, better than, distinguish, differ, set apart, vs, comparison, unlike
advantage, benefit, pro, better than, plus, upside, why use, good about, strength, edge
disadvantage, drawback, con, downside, weakness, limitation, bad about, shortcoming, dislike
strange, weird, odd, funny, crazy, bizarre, unusual, unexpected, surprising, craziest, wildest, oddest
funny, humour, laugh, hilarious, amusing, joke, comedy
remember, memory, memorable, unforgettable, forget, stick with you, stay with you
memorable, unforgettable, never forget, stick with you, remember most, favourite, best, highlight
secret, trick, key, tip, recipe, hack, secret sauce, technique, magic
habit, routine, ritual, rule, every day, regularly
productive, productivity, get done, efficient, organise, so much done, focus, distraction, concentrate,
  time management, organised
focus, concentrate, distraction, distracted, attention, in the zone, procrastinate, procrastination
use, apply, rely on, application, employ, work with, utilise, with, run
used for, application, use case, applied, practical, use, project, built with, real world
user, people using, rely on, use, audience, adopt, users
remote, home office, work from home, from home, office, telework
social media, twitter, tweet, instagram, facebook, x, online presence, tiktok, mastodon
phone, screen, screen time, smartphone, device, tablet, mobile
internet, online, web, website, digital
privacy, data, surveillance, tracking, personal data
coffee, tea, caffeine, drink, espresso, cup
pet, dog, cat, animal, furry
music while work, listen to music, music on, playlist, background music, soundtrack
superhero, superpower, power
vote, election, politics, political, party
god, religion, believe in, faith, religious, spiritual, atheist
nurse, nursing, hospital, care, medical, doctor, patient
doctor, physician, medical, medicine, gp
patient, sick, ill, disease
school, education, class, curriculum, classroom, teach, teacher
university, college, study, degree, quitting university, campus, uni
exam, test, certificate, certification, qualification
conference, talk, speak, speaking, keynote, event, presentation, meetup, appearance
talk, lecture, presentation, speech, public speaking, speak
prize, award, win, competition, challenge, nobel
arc, arc agi, arc prize, abstraction and reasoning corpus, arc challenge, arc benchmark
community, people, members, server, fans, users
reproduce, reproducible, replicate, replication, reproducibility
keras, tf keras, keras core, keras 3
tensorflow, tf
pytorch, torch
chollet, françois, francois
younger self, earlier self, go back in time, when you were twenty, when you were young, at 20, back then, years ago,
  twenty year old
change mind, opinion shift, used to believe, think differently, reconsider, no longer believe, once believed,
  revise, were wrong about, wrong about, proven wrong
finance, pay for, fund, host, hosting, server, cover cost, keep the lights on, sponsor, cost
name, come from, meaning, stand for, origin
emigrate, leave country, move abroad, live abroad, another country, move away
lesson, learn, teach, take away, takeaway, taught, learning
bankrupt, bankruptcy, fail, go under, fold, shut down, close down, collapse
bubble, hype, burst, ai winter, winter, crash, overheated, fad, fashion, passing trend, craze, die down, end soon
winter, cold, frost, snow, freeze
copyright, license, copyrighted, intellectual property, pirate, piracy, steal, artists, compensation,
  without permission, consent, scraped, plagiarism
black box, interpretable, interpretability, explainable, understand why, transparent, explainability, inside,
  how decide
energy, electricity, power, carbon footprint, environment, consumption, wasteful, watt
open weight, open source, freely available, open model, closed, proprietary, commercial, free
catch up, as good as, match, overtake, surpass, exceed, compete with, rival, keep up with, outperform, beat,
  close gap
copilot, code assistant, ai assistant, coding assistant, autocomplete, generated code, help you code
hallucinate, hallucination, make up, make things up, invent facts, wrong answer, unreliable, false, trust
trust, rely on, reliable, believe, safe, depend on, confident
overfit, overfitting, generalise, generalisation, generalize, memorise, memorize, unseen
data, dataset, training data, example, sample, corpus
little data, small dataset, few examples, not much data, limited data, only few samples, scarce data
deploy, production, ship, serve, put into production, real world
debug, find bug, troubleshoot, track down, fix, what is wrong
documentation, docs, manual, guide, tutorial, document
breaking change, backward compatible, compatibility, old code, legacy, break
api, interface, design, user friendly, usability, ease of use, easy to use, simple
user friendly, easy to use, simple, intuitive, accessible, beginner friendly, usability
pretrained, transfer learning, fine tune, finetune, fine tuning, reuse
hyperparameter, tune, tuning, learning rate, settings, batch size
architecture, design, layer, structure, build, model
transformer, attention, architecture
brain, human brain, neuroscience, neuron, mind, biological, biology, human
human, person, people, mankind, humanity, us
humanity, mankind, human race, society, civilisation, world, species, us all
society, social, world, people, impact
control, in charge, decide, power, oversee, rule, steer, dictate
influence, say, control, affect, input, decide
cooperate, collaborate, work with, work together, partner, team up, joint, co author, duo
alone, by yourself, solo, single handed, on your own, lonely, yourself, one man, without help
help, support, assist, aid, get help, hand
criticise, critique, criticism, fault, complain, objection, complaint
compliment, praise, nice thing, feedback, thank you, appreciate, recognition, appreciated, get recognised, credit,
  kind words
recognise, approach on street, stranger, fame, famous, celebrity, known, well known, spotted
fame, famous, celebrity, well known, popular, limelight, public figure
privacy, private, personal, secret, anonymous
secret, nobody know, hidden, not known, surprise people, don't know about you, unknown fact, fun fact
belonging, possession, thing you own, item, object, part with, save from fire, treasure
desert island, only keep one, only one, rest of your life, stranded
dinner, meet, talk to, conversation, invite, sit down with, spend evening
magic wand, change one thing, wish, wave, could change, one wish
million, rich, lottery, unlimited money, unlimited budget, money no object, infinite budget, no limit
unlimited time, all the time in the world, no limit, more time
superpower, wish, ability
handwriting, write by hand, pen and paper, pen, paper, longhand, keyboard, typewriter, notebook
note, take notes, notebook, organise, write down, keep track, jot
remember, memorise, keep in mind, recall, retain, memory
edit, revise, rewrite, cut, polish, rework, editing
deadline, time pressure, late, pressure, on time
procrastinate, put off, delay, avoid, lazy, postpone
perfectionist, perfect, good enough, finish, perfectionism
bored, boredom, boring, tired of, lose interest, fed up, sick of, monotonous
tired of, sick of, bored, fed up, had enough, annoyed, lose interest, annoy most
annoy, bother, drive crazy, irritate, pet peeve, frustrate, frustrating, hate, get on your nerves, angry
lucky, luck, right place right time, coincidence, fortune, chance, accident, by accident
success, make it, successful, achieve, get ahead, get where you are
succeed, make it, achieve, reach, manage
failure, lose, burst, collapse, fail
doubt, impostor syndrome, imposter, self doubt, good enough, not good enough, confidence, insecure, fraud,
  feel like fraud
confidence, self esteem, believe in yourself, confident, courage, brave
shy, introvert, nervous, quiet, socially awkward
argue, argument, disagree, conflict, debate, fight, dispute, quarrel, arguments
agree, share view, same opinion, support, side with, endorse, buy into
pandemic, covid, lockdown, corona, coronavirus
restaurant, bistro, cafe, dining, kitchen, eat out
staff, employee, worker, team, let go, lay off
price rise, inflation, expensive, cost of living
rich, wealthy, money, fortune, millionaire
donate, give, charity, good cause, support, donation, sponsor
war, conflict, fight, soldier, battle, army
peace, quiet, calm
old, elderly, grandparents, senior, old people, aged, ageing, age, get older
age, old, how old, ageing, older, younger, young, years old
young, youth, teenager, student, early age, kid
school, primary school, pupil, class, young children
elderly, grandparents, old people, seniors
video call, zoom, call, online meeting, technology
meeting, conference, call
commute, travel to work, drive
tattoo, scar
marriage, wife, husband, spouse, married, relationship, partner, love
fall in love, meet wife, meet husband, meet partner, love, romance
divorce, separate, break up, split
health, healthy, medical, ill, body, fitness
knee, joint, leg, wear out
eye, vision, see, glasses
back pain, back, posture, sit
diet, eat, food, meal, weight, nutrition
lose weight, slim, diet, weight
protein, nutrition, supplement, vitamin
sugar, sweet, candy, dessert
vegan, animal product, stop eating meat, plant based, vegetarian, give up meat
meat, animal product, steak, beef
breakfast, eat in the morning, morning meal
snack, eat between, fuel, food, gel
drink, beverage, hydrate, water, thirst
alcohol, beer, wine, drink, drunk
rucksack, backpack, pack, bag, luggage, carry, take along, suitcase
hike, mountain, trek, trail, walk, climb, summit, hiking
mountain, summit, peak, climb, alps, everest
sea, ocean, marine, underwater, dive
dive, underwater, scuba, diving
ship, boat, sail, vessel
weather, rain, storm, climate, forecast
forecast, predict, prediction, accurate, see into future
animal, pet, species, creature, wildlife
species, extinct, endangered, animal
bird, feeder, birdwatching, birding, feathered
tree, forest, wood, woodland
flower, bloom, blossom, plant
soil, earth, ground, dirt, compost
shade, shady, dark corner, little light, no sun, north facing
light, sun, bright, sunlight, lamp
dark, night, no light
pot, container, balcony, indoor
indoor, houseplant, inside, at home, home
orchid, houseplant
weed, unwanted plant, dandelion
harvest, pick, ripe, crop, yield, reap
ripe, ready to pick, ready to eat, harvest
store, keep, preserve, shelf life, go bad, last, stay fresh, storage, keep fresh, spoil, conserve
clean, wash, dirt, hygiene, tidy, cleaning
repair, fix, mend, broken, restore, maintain
old house, renovate, restore, renovation, restoration
tool, saw, hammer, equipment, gear, instrument, software
sharpen, sharp, edge, blade, dull, blunt
knife, blade, cut
glue, joint, screw, nail
varnish, finish, oil, coat
knit, knitting, yarn, wool, crochet, sweater
sew, sewing, fabric, dress, clothes
draw, sketch, illustrate, drawing, illustration, comic
colour, palette, hue, paint
art, artist, painting, artwork, creative
museum, exhibition, gallery, exhibit
gallery, exhibition, show, sell
movie, film, cinema, screen, director
adapt, adaptation, movie, film, tv series, screen, netflix
actor, cast, play, role, star
director, filmmaker, direct
audiobook, narrate, narrator, read aloud, voice
voice, sing, vocal, speak, sound
microphone, record, audio, sound, mic
record, recording, studio, tape, capture
studio, record, room
mix, mixing, sound, produce, master
lyrics, words, text, write song
band, group, bandmate, member, musician
break up, split, together, fall apart, separate
cover, design, artwork, look
cover design, cover, jacket
guest, interviewee, invite, talk to, interview, have on show
interview, talk, conversation, guest
advert, ad, sponsor, advertising, commercial, monetise
sponsor, ad, advertiser, brand, partnership
subscriber, reader, follower, audience, growth, listener
grow audience, more readers, find readers, build audience, get noticed, attract readers, promote, market,
  reach people, marketing, get the word out, spread the word, first users, first customers, get discovered,
  visibility
promote, market, marketing, advertise, publicity
algorithm, feed, recommend
game design, mechanic, rule, level
level, difficulty, hard
playtest, test, tester, feedback, beta
beta, early access, test, preview
port, console, switch, version, platform
console, playstation, xbox, switch, platform
mod, modding, fan made, user generated
dlc, expansion, extra content, add on, new content
pixel art, graphics, visual, look, art style, style
style, look, aesthetic, voice, sound
sound like, style, voice
engine, unity, unreal, godot, built with
security, hack, attack, breach, safe, secure, hacker, protect
password, login, account, security
backup, lose data, copy, safe
linux, open source, kernel, operating system
laptop, computer, machine, pc, mac, hardware
keyboard, type, mechanical
editor, ide, vim, emacs, vscode, text editor, development environment
test, unit test, testing, tdd, quality
review, code review, pull request, patch
language, programming language, syntax
best practice, right way, proper, correct, properly
mathematician, maths, theorem, proof, prove
proof, prove, theorem, evidence
physics, physicist, quantum, particle
black hole, event horizon, gravity, singularity
big bang, universe begin, beginning of universe, before universe, origin of universe
star, sun, stellar
planet, world, mars, earth
mars, red planet, colonise, colony, settle
moon, lunar, landing
astronaut, space travel, go to space, fly to space
rocket, launch, spacex, nasa
telescope, observe, lens, mirror, stargazing
eclipse, solar eclipse, sun covered
evolution, evolve, darwin, natural selection
gene, dna, genetic, inherit
virus, disease, vaccine, infection
cure, heal, treat, treatment, therapy
cancer, tumour, disease
mental health, depression, therapy, anxiety, psychological
therapy, therapist, counselling, mental health
death, die, mortality, dying, afterlife, gone
grief, mourn, loss, lose someone
legacy, remembered for, leave behind, after you die, be remembered, future generations, outlive
happy, satisfied, content, joy, fulfilling, enjoy, fulfilled, make you smile
sad, unhappy, cry, down
angry, upset, annoy, furious
miss, nostalgia, wish back, longing, old days, good old days, nostalgic
compare, today, back then, used to, nowadays, past, in the old days
nowadays, today, these days, current, now, modern, present
traditional, old fashioned, classic, handmade, by hand
by hand, manual, handmade, without machine, hand tools
automatic, machine, robot, automated
robot, humanoid, machine, android
self driving, autonomous, driverless, robotaxi, drive itself
drive, car, driver, behind the wheel
bike, cycle, cyclist, bicycle, cycling
train, railway, rail
fly, flight, plane, airport
hotel, accommodation, stay, sleep
tourist, visitor, tourism, sightseeing, visit
city, town, urban, big city
village, countryside, rural, country life, in the country
country, nation, abroad, land
immigrant, foreigner, migrant, move
foreign, abroad, another language, second language
accent, pronunciation, pronounce
pronounce, say correctly, pronunciation, spoken
grammar, vocabulary, word, language
fluent, speak well, native, proficient
bilingual, two languages, multilingual, raise kids with
dictionary, word, vocabulary
poem, poetry, verse, poet, rhyme
genre, fantasy, science fiction, crime, type of book, kind of book
fantasy, magic, world building, fictional world
world building, invented world, fictional world, map
twist, surprise, plot
research, dig up, look up, prepare, background
fact check, check fact, verify, correct, accurate
source, reference, archive, evidence
historian, history, past
archaeologist, dig, excavate, find, excavation
ruin, ancient site, excavation
king, queen, emperor, ruler, royal, monarch, crown
empire, rome, kingdom, fall
roman, rome, empire
castle, fortress, medieval
coach, trainer, train, coaching
player, athlete, footballer, talent
team, club, squad
referee, var, rule
doping, drugs, cheat
record, personal best, fastest, fastest time
comeback, return, come back, recover
recover, recovery, rest, after race, regain
warm up, stretch, stretching, prepare
shoe, footwear, sneaker, trainers
pace, speed, fast
beginner mistake, rookie mistake, common mistake, newbie mistake
common, typical, usual, often, frequent, everyone
rare, unusual, seldom, special
unique, special, different from others, stand out, sets apart
stand out, differentiate, special, unique, noticed
competition, competitor, rival
market, demand, customer, sell
sell, sale, shop, selling, sold
store, shop, closed, open
open, opening hours, closed
close, shut, shut down, end
brand, company, label, logo
logo, design, symbol
quality, good, standard
standard, norm, rule
government, state, politician, political, ban
ban, forbid, prohibit, outlaw, illegal, stop
legal, law, allowed, court, illegal
tax, pay, law
rent, flat, housing, landlord
house, home, buy house, property, mortgage
mortgage, loan, debt, house
debt, loan, owe
crypto, bitcoin, blockchain
index fund, etf, passive, stock
crash, market drop, recession, crisis, downturn
crisis, hard times, difficult period, low point, rock bottom, darkest, toughest time, emergency, lowest point
give up, want to quit, throw in towel, walk away, thought about stopping, close to quitting, thought about quitting,
  tempted to stop, consider stopping
break, sabbatical, pause, time off, year off, holiday
weekend, saturday, sunday, day off
overtime, long hours, weekend, late, hours a week
four day week, work less, part time, fewer hours, reduce hours
home, house, live
neighbour, next door, people nearby
noise, loud, quiet, sound
silence, quiet, noise, music
gift, present, give, christmas, birthday
celebrate, party, birthday, celebration
christmas, holiday, present, festive
tradition, custom, culture, ritual
culture, cultural, country, tradition
joke, funny, funniest, laugh
lie, truth, honest, fake
fake, deepfake, misinformation, disinformation, fake news
question, ask, interview
answer, reply, respond
email, message, inbox, mail, letter
contact, reach, get in touch, write to, email
meetup, meet in person, signing, see you, event, in person, meet you
sign, autograph, signed copy, signing
volunteer, help out, join, contribute
join, become member, become part, apply, work with you, get involved
rule, guideline, principle, law, philosophy
principle, value, philosophy, belief, guide, motto
motto, quote, saying, live by
philosophy, approach, belief, way of thinking, worldview
goal, aim, target, want to achieve, resolution, mission, want to accomplish, bucket list, still want to do
bucket list, before you die, still want to do, dream
risk, dare, gamble, brave, bold
decision, choose, choice, decide, turning point
turning point, moment changed, breakthrough, changed everything, pivotal, defining moment
breakthrough, discovery, advance, progress, big step, leap
progress, advance, breakthrough, development, come along, move forward
trend, direction, development, movement, where going
direction, next, path, where going, focus, research direction
solve, solution, fix, answer, crack, tackle
missing, lack, unable, can't do, what current, limitation, gap, fall short
limitation, limit, weakness, shortcoming, can't do, unable, not able, fail at
embody, embodiment, body, physical, robot
symbolic, rules, logic, symbolic ai, neurosymbolic, hybrid
program synthesis, generate program, automatic programming, write own code
reinforcement learning, rl, reward, agents
agent, agents, autonomous, assistant
prompt, prompting, prompt engineering
multimodal, image, video, audio
startup, google, big tech, corporate, industry, big company
industry, company, academia, business, private sector
academia, university, professor, academic, research lab
peer review, review process, publish, reviewer
conference, neurips, icml, paper
arxiv, preprint, paper
talk, ted talk, speech, lecture
teach, course, lecture, class, online course, mooc
certificate, online course, degree, diploma
math, theory, theoretical, foundation
theory, theoretical, math, hands on, practical
hands on, practical, practice, by doing, project, practice oriented, build things
project, build, work on, portfolio
portfolio, project, show, work sample
kaggle, competition, data science
data scientist, data science, analyst, ml engineer
salary, pay, earn, well paid
remote, from home, location
interview question, hire, candidate, recruit
cv, resume, application, apply
available, come out, version, release, going to be, be made, exist, get
reread, read again, look back at, revisit
sometimes, ever, occasionally, now and then, from time to time
detail, in advance, book everything, on the spot, spontaneous, ahead, beforehand, spontaneously
waste, surplus, leftover, throw away, too much, excess, use up, spare
feedback, suggestion, input, comment, opinion, response
useful, improve, helpful, valuable
spoiled, allowance, pocket money
birthday, getting old, age, older
puzzle, task, riddle, problem, trivial, game
bigger pot, repot, transplant
manuscript, draft, book, publisher, novel
astrophotography, milky way, night sky photo, photograph star
convince, argument, persuade, talk into, win over, sceptical, skeptical
boss, manager, management, superior, supervisor, leadership
share, percentage, proportion, how much of, fraction, part
patron, patreon, supporter, donor, backer, member
hobby, amateur, recreational, for fun, non professional, ordinary
realistic, possible, doable, feasible, achievable
fair, unfair, advantage, level playing field, biased
like, suit, enjoy, happy with, fond of, appreciate
dislike, hate, like least, least favourite, cannot stand, dread
restrict, permission, allowed, may say, censor, limit, freedom, approval
wilderness, outdoors, nature, wild, bush
map, gps, navigation, navigate, compass, find way
frightened, afraid, scared, worried about, anxious about
get by without, live without, do without, give up, manage without
hearing, hear, ear, hearing protection
rehearsal, practise, rehearse
kilometre, mile, distance
large audience, on stage, public speaking, crowd, in front of people
acquire, learn, pick up, develop
host, interviewer, presenter, moderator
waste of time, useless, pointless, scrap, unnecessary
professor, academia, academic, university, scholar
young people, teenager, leave school, teen, youth
historical figure, from past, in history
generated, ai generated, artificial, synthetic
distribution, distro
lesson learned, learn, take away, teach
quiet, peaceful, alone, calm
"""

# Members of one kind: two questions that name different ones seldom ask the same.
KINDS = """
keras, tensorflow, pytorch, jax, theano, caffe, mxnet, sklearn, scikit, fastai, transformers, numpy, pandas, xgboost
python, java, javascript, rust, c++, julia, haskell, lisp, ruby, swift, scala, kotlin, php, sql, perl, matlab, go,
  r, typescript
vim, emacs, vscode, jupyter, pycharm, colab, notebook
linux, windows, mac, android, ios, iphone, playstation, xbox, switch, steam, ubuntu, steamdeck
google, openai, deepmind, facebook, meta, microsoft, apple, amazon, nvidia, anthropic, tesla, netflix, ibm, intel,
  spotify, patreon, kickstarter, youtube, twitch, substack
lecun, hinton, bengio, musk, altman, ng, karpathy, schmidhuber, hassabis, sutskever, marcus, turing, einstein,
  newton, darwin, goodfellow, minsky, zuckerberg, gates, jobs, bezos
arc, imagenet, mnist, glue, mmlu, kaggle, cifar
vision, speech, nlp, robotics, translation, reinforcement, recommendation, healthcare, finance, education, medicine,
  law, agriculture, music, games, security
transformer, cnn, rnn, lstm, gan, diffusion, autoencoder, perceptron, resnet, convolution, recurrent, attention,
  backpropagation, dropout, embedding, tensor, gradient, optimizer
programmer, teacher, doctor, lawyer, writer, artist, musician, painter, scientist, engineer, manager, designer,
  translator, journalist, nurse, driver, chef, farmer, photographer, actor, singer, student, researcher, pilot,
  accountant, architect, librarian, editor, illustrator, producer, director, publisher, comedian
singer, drummer, guitarist, bassist, pianist, violinist, keyboarder, vocalist, conductor
guitar, piano, violin, drum, bass, flute, trumpet, saxophone, cello, banjo, ukulele, clarinet, organ, synth,
  metronome
jazz, rock, classical, pop, folk, metal, blues, rap, techno, opera, country, punk, reggae
acoustic, electric, classical
physics, medicine, biology, chemistry, history, philosophy, psychology, economics, law, maths, literature,
  neuroscience, linguistics, sociology, astronomy, geography, calculus, algebra, statistics, geometry
english, french, german, spanish, italian, japanese, chinese, russian, latin, korean, arabic, portuguese, dutch,
  hindi, greek, turkish, polish, swedish, finnish, mandarin, esperanto, welsh
japan, china, germany, france, italy, spain, england, scotland, ireland, india, russia, canada, america, usa, uk,
  australia, brazil, mexico, norway, sweden, finland, iceland, poland, greece, turkey, egypt, kenya, korea,
  netherlands, switzerland, austria, portugal, argentina, denmark, belgium, israel, ukraine, nepal, peru, chile,
  africa, asia, europe, california, texas, alaska
london, paris, berlin, tokyo, york, madrid, rome, vienna, moscow, boston, chicago, seattle, sydney, dublin,
  amsterdam, lisbon, istanbul, beijing, toronto, munich, hamburg, francisco, angeles
january, february, march, april, may, june, july, august, september, october, november, december
monday, tuesday, wednesday, thursday, friday, saturday, sunday, weekend
spring, summer, autumn, winter, fall
morning, afternoon, evening, noon, midnight, night
mars, venus, jupiter, saturn, mercury, neptune, uranus, pluto, moon, sun, earth, europa, titan, star, comet,
  asteroid, galaxy, nebula, supernova, meteor, eclipse
tomato, potato, carrot, lettuce, onion, garlic, pepper, cucumber, bean, pea, pumpkin, courgette, zucchini, cabbage,
  spinach, kale, chili, aubergine, herb, basil, mint, parsley, strawberry, raspberry, blueberry, mushroom, radish,
  leek, beetroot, sweetcorn, asparagus, rhubarb
apple, pear, cherry, plum, lemon, orange, banana, grape, peach, fig, mango, melon, avocado, apricot, olive
rose, tulip, lavender, orchid, dahlia, sunflower, lily, hydrangea, cactus, succulent, fern, bonsai, lawn, hedge,
  tree, shrub, peony, daffodil, clematis, ivy, moss, bamboo
slug, snail, aphid, deer, rabbit, bird, mouse, rat, mole, wasp, ant, caterpillar, squirrel, fox, pigeon, mite, weed,
  blight, mildew, mold, frost
dog, cat, bee, chicken, horse, goat, sheep, pig, cow, duck, hamster, parrot, fish, snake, turtle, whale, dolphin,
  shark, octopus, elephant, wolf, bear, owl, butterfly, spider, coral, penguin, seal, lizard, frog, crab, jellyfish,
  otter, bat
bread, pizza, cake, cookie, croissant, pasta, soup, rice, salad, cheese, chocolate, bagel, brioche, baguette,
  focaccia, pie, pancake, curry, sushi, steak, stew, jam, muffin, pretzel
rye, wheat, spelt, oat, corn, barley, gluten, yeast, sugar, salt, butter, flour, milk, egg, honey, cream, oil,
  vinegar
coffee, tea, beer, wine, whisky, water, juice, milk, cocoa, espresso, matcha, gin, vodka, cider
breakfast, lunch, dinner, dessert, snack, supper
chess, football, tennis, golf, basketball, baseball, hockey, rugby, cricket, swimming, cycling, running, climbing,
  skiing, boxing, yoga, rowing, sailing, surfing, poker, go, volleyball, badminton, judo, hiking, diving, dancing,
  skating, weightlifting
knee, ankle, back, hip, shoulder, heart, foot, hand, wrist, neck, eye, ear, skin, tooth, brain, lung
hill, sprint, flat, track, trail, road, treadmill, marathon, ultra, triathlon
car, bike, bus, train, plane, boat, motorbike, truck, van, tram, ship, scooter, house, flat, apartment, caravan
portrait, landscape, wedding, macro, street, wildlife, architecture, still, astro, product, fashion
novel, poem, story, essay, screenplay, memoir, biography, comic, textbook, thesis, diary, newsletter, blog, play,
  script
book, film, movie, song, album, game, podcast, painting, conference, city, food, restaurant, recipe, series, band,
  paper, course, library, tool, scientist, musician, author, actor, poet, composer, director, opening, plant,
  colour, word, sport, camera, lens, episode, chapter, character, theorem, planet, animal, museum, country, season,
  joke, quote, holiday, dish, drink, instrument, magazine, website, app, editor, shoe, telescope, knife, wood, yarn,
  keyboard, bug, moment, gift, advice, mistake, question, decision, project, trip, race, fight
oak, pine, walnut, maple, ash, beech, birch, cedar, mahogany, ebony, spruce, cherry, teak, plywood, rosewood
saw, hammer, chisel, plane, drill, lathe, router, sander, screwdriver, clamp, glue, varnish
brother, sister, mother, father, wife, husband, son, daughter, grandmother, grandfather, uncle, aunt, cousin,
  friend, colleague, boss, sibling, pet, neighbour
red, blue, green, yellow, black, white, pink, purple, brown, grey
book, talk, course, video, blog, film, app, website, magazine
stock, bond, crypto, bitcoin, gold, mortgage, pension, insurance, tax, loan, fund, rent, debt, salary
roman, greek, viking, egyptian, aztec, mongol, ottoman, medieval, victorian, persian, maya, inca, celtic, byzantine,
  spartan, samurai, knight, pharaoh
solar, wind, nuclear, coal, gas, hydro, geothermal, fusion, oil
phone, laptop, desktop, tablet, cluster, cloud, browser, server, gpu, cpu, tpu, raspberry, arduino, watch
baby, toddler, child, teenager, adult, student, senior, beginner, expert
cold, heat, rain, snow, wind, drought, flood, storm, frost, hail
cover, title, ending, villain, hero, plot, setting, chapter, dialogue, map, prologue, dedication
steak, sausage, ham, bacon, lamb, beef, pork, turkey, salmon, tuna
one, two, three, four, five, six, seven, eight, nine, ten
"""

# Sides of one thing: of two questions that are otherwise alike, the one speaks of one side, the other of another.
CONTRASTS = """
best, favourite, good, great, like, love, enjoy, proud / worst, bad, hate, dislike, terrible, awful, regret, least
first, original / last, final, latest / second, next / third
hard, difficult, tough / easy, simple
join, start, begin, enter, found / leave, quit, stop, end, abandon, resign
buy, purchase / sell / rent / build
earn, income, revenue, salary / spend, cost, price
write, author / read, reader
teach, teacher / learn, student
before, prepare / after, recover, afterwards
more, increase, improve / less, fewer, decrease, reduce
hot, warm / cold, cool
old, oldest / new, young, newest, youngest
win, victory / lose, loss, defeat
past, used to, formerly / future, someday
cheap, cheaper / expensive, dear
big, large, huge / small, tiny, little
long, longest / short, shortest
early / late
fast, quick / slow
beginner, novice / expert, advanced, professional
men, man, boy / women, woman, girl
child, kid / adult, grownup
advantage, benefit, pro, strength / disadvantage, drawback, downside, con, weakness, risk
overrated / underrated
indoors, inside / outdoors, outside
success, succeed / failure, fail
plant, sow / harvest, prune
open / close, closed
live, lived / visit, visited, been
add / remove, delete
lead, leader / follow
borrow / lend
plan, outline / improvise
record / edit / promote
weird, strange, funny / important, difficult, hard
proud / ashamed, embarrassed
use, used / maintain, develop, build, create
create, invent / name, call, rename
install / uninstall
gain / lose
remember / forget
arrive / depart
accept / refuse, reject
love / hate
fund, pay / influence, inspire
longest / hardest / first / weirdest / most expensive
"""

# Forms that no ending tells, each group behind the word that they are forms of.
FORMS = """
take took taken; write wrote written; get got gotten; go went gone; come came; make made; do did done; have had has
give gave given; find found; think thought; know knew known; see saw seen; tell told; say said; feel felt; leave left
become became; begin began begun; keep kept; lose lost; win won; buy bought; bring brought; teach taught; catch caught
choose chose chosen; break broke broken; speak spoke spoken; drive drove driven; eat ate eaten; fall fell fallen
grow grew grown; fly flew flown; draw drew drawn; sing sang sung; swim swam swum; run ran; ride rode ridden; rise rose
wear wore worn; meet met; build built; sell sold; spend spent; lend lent; send sent; sleep slept; sit sat; stand stood
lead led; hear heard; understand understood; forget forgot forgotten; throw threw thrown; steal stole stolen
fight fought; hold held; pay paid; shoot shot; die dying dies died dead; lie lying; tie tying; wake woke woken
child children kids kid; woman women; man men; person people; mouse mice; foot feet; tooth teeth; wife wives
life lives; knife knives; leaf leaves; loaf loaves; half halves; shelf shelves; good better best; bad worse worst
hard harder hardest; big bigger biggest; large larger largest; easy easier easiest; great greater greatest
small smaller smallest; long longer longest; short shorter shortest; old older oldest elder; young younger youngest
new newer newest; proud proudest; funny funnier funniest; weird weirdest; strange strangest; tough tougher toughest
cheap cheaper cheapest; fast faster fastest; slow slower slowest; high higher highest; early earlier earliest
late later latest; near nearest; close closer closest; deep deeper deepest; far farther further; nice nicer nicest
hot hotter hottest; cold colder coldest; happy happier happiest; rich richer richest; strong stronger strongest
crazy craziest; low lowest; dark darkest; mum mom; dad daddy; analyse analyze; practise practice; fertilise fertilize
optimise optimize; favourite favorite; colour color; prioritise prioritize; memorise memorize; recognise recognize
"""

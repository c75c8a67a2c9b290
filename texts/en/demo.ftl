# Start page of the demo
demo-title = Vùng Lam: official letter 3583 on the left, live figures on the right
demo-heading = Official letter 3583/UBND-⁠KT, running
demo-lead = A made-up province. Every phone runs the real software, on a clock that runs fast. Press a figure to see where it comes from.
banner = Simulated data
banner-text = No real person is in here. Every figure comes from this made-up province.
clock = { $date }, { $time }
clock-rate = { $rate } times as fast
connection-lost = Lost touch with the demo, trying again

# Phones
phones-heading = Three phones
phones-show = Show the phone of
phone-frame = Phone of { $name }
phone-rang = notified: close contact on { $day }
phone-quiet = no notice
phone-shared = has shared its keys
phone-opening = opening
desk-open = The health desk
desk-open-as = as the tracer

# Roles at the desk
roles-heading = Enter the desk as
roles-more = What each role sees and does not see; signing in by hand
roles-note = Each button opens the desk in a new tab, signed in. A browser holds one role: pressing another changes the open tabs too. The clock runs fast, so a session ends after { $minutes } minutes without a click; press the button again to go on.
roles-by-hand = To sign in yourself: the demo's password, the same for all accounts, is
roles-role = Role
roles-sees = Sees
roles-hides = Does not see
roles-login = Login
roles-code = Code now
role-administrator = Administrator
role-administrator-sees = officers' accounts, roles and units
role-administrator-hides = people's records: not one case, not one name
role-tracer = Tracer
role-tracer-sees = cases, contacts and calls of the town of Mỹ Tho, with names and telephone numbers
role-tracer-hides = other districts: as if there were nothing
role-team-lead = Team lead
role-team-lead-sees = all districts of the province; approves exports
role-team-lead-hides = cannot approve what they asked for themselves
role-epidemiologist = Epidemiologist
role-epidemiologist-sees = cases and chains of infection of the province
role-epidemiologist-hides = names: one person at a time, with a reason, recorded
role-auditor = Auditor
role-auditor-sees = who looked, when and for what
role-auditor-hides = who was looked at; all cases
role-commune = Commune
role-commune-sees = contacts of Ward 5, those who were not reached too
role-commune-hides = other wards and communes
role-team-lead-2 = Team lead 2
role-team-lead-2-sees = as the team lead: the second person who approves
role-team-lead-2-hides = cannot approve what they asked for themselves
role-leadership = Leadership
role-leadership-sees = summed-up figures of the province
role-leadership-hides = cases, contacts, names

# The story
case-press = Nam tests positive
case-confirming = Being confirmed at the desk…
case-start-text = An officer confirms the case at the desk and reads the code to Nam. Nam presses share on his own phone.
case-code = Code read to Nam
case-code-until = valid until { $time }
case-to-phone = Put it into Nam's phone
case-do = Share for Nam
case-new = New code
case-open = Open Nam's case
case-failed = Could not confirm: { $why }
step-confirmed = Case confirmed
step-shared = Nam shares his keys
step-exported = File of keys published
step-rang = Other phones notice by themselves
step-rang-count = { $count ->
    [one] { $count } phone told its owner
   *[other] { $count } phones told their owners
}
step-waiting = not yet
step-after = Keys are published 2 hours after they have ended. The clock runs fast, please wait a little.

# The letter
letter-heading = What the letter orders
letter-source = Summarised in our own words
not-yet = not yet: later work
metric-open = See where this figure comes from
metric-definition = Definition
metric-numerator = Numerator
metric-denominator = Denominator
metric-value = Value
metric-source = Source
metric-time = At
metric-suppressed = suppressed
clause-preamble = Preamble
clause-preamble-text = Only about 16% of the people have the app, rank 43 of 63 provinces: not enough for tracing.
clause-1 = 1. Public bodies
clause-1-text = Staff install, declare and scan in and out; they guide visitors at the counter.
clause-2 = 2. Schools
clause-2-text = Pupils and students with a phone install the app and help their families.
clause-3 = 3. Industrial parks
clause-3-text = Workers install and declare daily; the parks' board inspects regularly.
clause-4 = 4. Restaurants, hotels, tourism
clause-4-text = Guests who come and stay are advised to install and declare.
clause-5 = 5. Transport
clause-5-text = Posters at stations, in vehicles, on public wifi; arrivals are told at once.
clause-6 = 6. Telecoms and tracing
clause-6-text = Operators help to trace close contacts; progress of the letter is followed.
clause-7 = 7. Front and unions
clause-7-text = Persuade and help members and the people to install.
clause-8 = 8. Press, radio, television
clause-8-text = Keep reporting, and explain how to install and use it.
clause-9 = 9. Districts and communes
clause-9-text = Carry it to every office of every level, down to each household.
clause-closing = Closing
clause-closing-text = Difficulties are reported, collected, and escalated when beyond one's powers.
clause-purpose = Purpose
clause-purpose-text = Find close contacts; trace, zone and suppress outbreaks quickly.

# What the servers know
knowledge-heading = What do the servers know about Lan?
knowledge-lead = Searches each table of all databases for every code and key of Lan's, for her name and her telephone number. To be sure that the search can find something, the keys Nam shared are searched for too.
knowledge-search = Search
knowledge-again = Search again
knowledge-searching = Searching…
knowledge-nothing = Nothing of { $name } was found
knowledge-found = { $count ->
    [one] { $count } row of { $name } was found
   *[other] { $count } rows of { $name } were found
}
knowledge-vault = The authority does know { $name }, who was a contact of an earlier case. Its vault holds a sealed record of { $bytes } bytes and { $contacts } rows under a pseudonym: without the key, neither name nor telephone number can be read.
knowledge-vault-none = The authority has no record of { $name }.
knowledge-control = Control: { $name }
knowledge-control-empty = The control has found nothing yet: { $name } has not shared, or the keys have not arrived. Until then the search proves nothing.
knowledge-needles = Searched for: { $list }
knowledge-needle = { $count } { $what }
knowledge-side = Side
knowledge-keys = keys
knowledge-authority = authority
knowledge-keyring = keyring
knowledge-table = Table
knowledge-query = Query
knowledge-rows = Rows
knowledge-hits = Found
knowledge-failed = Could not search: { $why }

# Adoption
adoption-heading = From 16% to 60%: what is gained?
adoption-lead = Replays one day in the made-up factory for each share of people with the app, on the very software of the phones. The more it is, the longer it takes.
adoption-slider = Share of people with the app
adoption-run = Run at { $percent }%
adoption-all = Run 16, 30, 45, 60%
adoption-running = Running { $percent }%: { $done } of { $total }
adoption-given = The case has the app: share of contacts told
adoption-pairs = All cases: share of contacts told
adoption-p = p: expected when the case has the app
adoption-p2 = p²: expected over all pairs
adoption-axis = Share of people with the app
adoption-axis-y = Contacts told
adoption-interval = Upright lines are 95% intervals.
adoption-chart = Chart of the share of contacts told by share of people with the app
adoption-table-percent = Share
adoption-empty = Not run yet. Move the slider, then press run.
adoption-of = { $share } ({ $found } of { $of })
adoption-recording = Replayed: { $name }. { $people } people; for each point, { $seeds } draws of who has the app.
adoption-failed = Could not run: { $why }
doors-heading = Scanning at the door
doors-lead = Register a place within a minute, print its poster, and scan it with your own phone or type its code on a simulated one.
doors-gate = Gate of a garment workshop
doors-register = Open the owners' page
doors-places = Check-in points of the simulated province
doors-no-places = There are none yet.
doors-messages = Messages to simulated telephones
doors-no-messages = No message yet.

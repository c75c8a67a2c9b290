# Opening the app
opening = Opening…
insecure-title = A secure connection is needed
insecure-text = The app keeps your data only when the page was opened with https. Open it again with an address that begins with https.
elsewhere-title = The app is open in another window
elsewhere-text = Only one window may keep this phone's records. Close the other one and try again.
failed-title = The app could not open
failed-offline = The very first start needs a connection, to receive the public keys of the health authority.
failed-text = This phone could not read its own records. Nothing was sent anywhere.
failed-details = Technical details
update-ready = A new version is ready.
update-apply = Use it

# Navigation
nav-label = Main
nav-home = Home
nav-code = Enter code
nav-stored = On this phone

# Welcome and consent
welcome-title = Learn whether you were near a case, while nobody learns where you were
welcome-lead = Your phone records, compares and tells you by itself.
welcome-keeps = Stays on the phone
welcome-keeps-text = The random codes it sends and hears, for 14 days. No name, no phone number, no location.
welcome-fetches = Your phone downloads
welcome-fetches-text = The public list of codes of people who were confirmed positive. It is compared right on the phone.
welcome-sends = Leaves only when you press send
welcome-sends-text = If you are positive, a health worker reads you a code. You choose the days and press share yourself.
welcome-padding = Now and then the phone sends an empty packet, so that somebody watching the line cannot tell who is really sharing.
welcome-consent = I agree that this phone records random codes and tells me about close contacts. I can pause it or delete everything at any time.
welcome-start = Start
welcome-needs-consent = Tick the box first. Until you agree, nothing is recorded.
about-title = What this app does
about-link = What this app does and does not do
about-agreed = You agreed on { $date }.

# Home
home-clear = No close contact notice
home-clear-demo = { $name } has no close contact notice
home-exposed = You were near a case on { $day }
home-exposed-demo = { $name } was near a case on { $day }
home-exposed-sub = { $minutes } minutes in all that day. Open the notice to see what to do.
home-clear-sub = This phone compared the codes it heard in 14 days with the public list, right here.
home-never-checked = This phone has not compared with the public list yet.
home-paused-sub = Paused: the phone neither sends nor hears codes.
home-checked = Checked at { $time }
home-checked-on = Checked { $time }, { $date }
home-not-checked = Not checked yet
home-check-now = Check now
home-checking = Checking…
home-offline = No connection
home-open-notice = Open notice
home-notice-card = Close contact on { $day }
home-notice-card-sub = { $minutes } minutes · what to do
home-withdrawn = Notice of { $day } withdrawn
home-withdrawn-sub = The test result was corrected: you are not a contact.
home-older = Other notices
home-positive = Tested positive?
home-positive-sub = Enter the code a health worker reads you
home-enter = Enter code
home-upload-running = Sending the chosen codes
home-upload-running-sub = Goes on when there is a connection, even after the app was closed.
home-upload-show = Show
home-upload-done = Shared, thank you
home-upload-refused = Not shared yet
home-stored = What this phone stores
home-stored-sub = Look, download or delete everything
radio-title = Bluetooth
radio-none = A browser cannot send Bluetooth
radio-none-text = Web pages may not send and hear codes in the background. Here you can still enter a code, share, read notices and see your data; recording contacts needs the app installed on a phone.
radio-simulated = Simulated air
radio-heard = { $count ->
    [one] Heard a code once today
   *[other] Heard codes { $shown } times today
}
radio-silent = No code heard today
radio-lost = Lost touch with the simulated air, trying again
radio-paused = Paused
radio-pause = Pause
radio-resume = Resume

# Code and sharing
share-title = Share, so that people near you are told
share-step = Step { $step } of 3
share-code-label = The code a health worker reads you
share-code-help = 8 signs, valid for 15 minutes. Codes never contain the digits 0 and 1 or the letters O, I, L.
share-code-from-link = The code was filled in from the link you opened.
share-hint-sign = Codes never contain “{ $sign }”. Please look again.
share-hint-check = One sign is wrong or two have changed places. Please check the code.
share-hint-long = A code has 8 signs (16 when it comes from a link).
share-hint-good = The code looks right
share-next = Continue
share-days-title = Choose the days to share
share-days-lead = Your phone uses one key a day. People who were near you on a day you share are told. A day runs from 7 in the morning to 7 the next morning.
share-days-none = This phone has no key to share: it sent no code in the last 14 days.
share-days-all = Tick all
share-days-nothing = Untick all
share-days-count = { $count ->
    [one] { $count } day chosen
   *[other] { $count } days chosen
}
share-day-today = today: its key is published only after the day has ended, plus 2 hours
share-day-infectious = from 2 days before symptoms: may infect
share-day-before = before you could infect: usually not counted
share-day-unknown = onset not known: counted
share-onset-label = Day symptoms began (optional)
share-onset-help = Write day/month/year, for example { $example }. Leave empty if there are none or you prefer not to say.
share-onset-bad = This date cannot be read. Please write day/month/year.
share-onset-future = This date is in the future, or more than 28 days back.
share-confirm-title = What will be sent
share-confirm-keys = Random keys of { $count } days
share-confirm-keys-text = They are published so that other phones can compare by themselves. They hold no name, phone number or place.
share-confirm-onset = Day symptoms began: { $date }
share-confirm-onset-none = No day of onset is sent
share-confirm-code = Code { $code }, good for one use
share-confirm-not = Not sent: who you are, who you were near, what the phone heard.
share-confirm-final = What was published cannot be taken back.
share-send = Share
share-progress-title = Sending
share-progress-text = You may close the app. It goes on where it stopped when you open it again.
share-progress-waiting = No connection: goes on as soon as there is one.
share-stage-verifying = Check the code
share-stage-certifying = Get a certificate for exactly these keys
share-stage-publishing = Send the keys
share-done-title = Shared
share-done-text = Within hours the phones of people who were near will notice by themselves. Nobody learns that it was you.
share-done-accepted = { $count ->
    [one] { $count } key accepted
   *[other] { $count } keys accepted
}
share-done-dropped = Some keys were not accepted, by rule { $rules }.
share-done-arrived = The service says it had arrived the first time.
share-refused-title = Not shared yet
share-refused-code = This code was used, has expired or does not exist. Ask the health worker for a new one.
share-refused-many = Too many attempts. Wait a few minutes, then ask for a new code.
share-refused-other = The service refused. Ask the health worker for a new code and try again.
share-again = Enter another code
share-busy = Another sharing has not ended yet.
share-finish = To the home page

# Exposure notice
notice-title = You were near somebody who tested positive
notice-day = On { $day }
notice-minutes = { $minutes } minutes in all
notice-private = Only this phone knows. Nobody was told about you.
notice-withdrawn-title = This notice was withdrawn
notice-withdrawn-text = The test result or the rule was corrected. You need not do anything because of this notice.
notice-do = What to do
notice-do-1 = Stay at home, avoid meeting others, wear a mask when somebody is with you.
notice-do-2 = Call the commune health station about a test. Say that the app reports a close contact on { $day }.
notice-do-3 = With fever, cough, short breath or loss of taste: call at once, do not go where people gather.
notice-call = Call { $name }
notice-why = Why?
notice-why-sub = Each time the phone heard it, the minutes, the rule
why-title = Why there is this notice
why-lead = On { $day } this phone heard codes that were later published as those of somebody who tested positive.
why-rule = The rule: from { $threshold } minutes in a day
why-rule-text = Ministry of Health dispatch 11042/BYT-DP: a close contact was within 2 metres for 15 minutes or more. The phone measures how much the signal weakened, in place of distance.
why-total = { $minutes } minutes, the threshold is { $threshold }
why-below = { $minutes } minutes, below the threshold of { $threshold }: no notice
why-chart = Chart of what was heard: width is time, height is how strong the signal was
why-near = near, counts in full
why-medium = middling, counts in part
why-far = far, does not count
why-window = Meeting { $number }
why-window-sum = { $scans ->
    [one] { $scans } scan · { $minutes } minutes counted
   *[other] { $scans } scans · { $minutes } minutes counted
}
why-table-scan = Scan
why-table-time = Time
why-table-attenuation = Attenuation
why-table-weight = Weight
why-table-minutes = Minutes
why-weights = Weight of the test { $report }, of the infectious day { $infectious }
why-nobody = The phone does not know who it was or at what hour: published keys do not tell.
why-wrong = A notice can be wrong
why-wrong-text = Bluetooth passes thin walls and weakens in pockets: sometimes a notice appears although a wall was between, sometimes none although people sat close. Figures measured in this province do not exist yet.
why-wrong-measured = Re-running { $recording } with this phone's rhythm of scans: of 100 notices { $wrong } are one too many, and of 100 contacts { $missed } are not told. That is the error of scanning now and then; walls and pockets add to it.
why-none = There is nothing to explain for this day.

# What this phone stores
stored-title = What this phone stores
stored-lead = All of it is on this phone, encrypted, and erases itself after { $days } days.
stored-total = { $shown } items, { $size } kB
stored-sightings = Times a code was heard
stored-sightings-text = random codes of other phones, with signal strength
stored-identity = Keys of this phone
stored-identity-text = one a day; the codes it sends are made from them
stored-exposures = Times near a case
stored-exposures-text = computed from codes heard and the public list
stored-notices = Notices
stored-notices-text = what the phone has shown you
stored-imports = Public keys compared
stored-imports-text = so as not to compare twice, and so that codes replayed later cannot deceive
stored-state = State of the app
stored-state-text = last check, signed configuration, what is being sent
stored-nothing = nothing
stored-by-day = By day
stored-day = Day
stored-count = Items
stored-no-day = no day
stored-export = Download as JSON
stored-export-warning = The file holds this phone's secret keys. Whoever has it can recognise where this phone was heard.
stored-delete = Delete everything
stored-dialog-title = Delete everything on this phone?
stored-dialog-1 = The codes heard are gone: if somebody tests positive later, the phone has nothing to compare and cannot tell you.
stored-dialog-2 = The keys are gone: you cannot share the days that have passed.
stored-dialog-3 = What was shared before cannot be taken back.
stored-dialog-demo = This simulated phone starts anew with empty records.
stored-dialog-confirm = Delete everything
stored-deleted = Everything was deleted.

looks-title = Who looked at my record
looks-lead = Each time a health officer looks at your record it is written down: when, in which role, for what.
looks-none = If the health office has a record of you, ask the officer for a link by text message. Open it, and the list appears here.
looks-expired = The link has expired or was replaced. Ask the officer for a new one.
looks-offline = No connection. Try again when there is a network.
looks-again = Try again
looks-loading = Asking…
looks-nobody = Nobody has looked at your record.
looks-today = Today
looks-times = { $count } times
looks-until = The link works until { $date }.
looks-wrong = Does something look wrong? Call 1900 9095 or the health station.
looks-home = Who looked at my record
looks-home-newest = { $action }, { $time }
looks-home-none = Ask the health officer for a link
looks-action-reveal = Saw name and contact details
looks-action-list = Saw in a list
looks-action-search = Found in a search
looks-action-read = Opened the record
looks-action-create = Entered in a record
looks-action-change = Updated the record
looks-action-export = In an exported list
looks-action-issue = Sent this link
looks-action-code = Issued a code
looks-action-other = Used the record
looks-role-tracer = Tracer
looks-role-commune = Commune tracer
looks-role-lead = Team lead
looks-role-epidemiologist = Epidemiologist
looks-role-issuer = Code issuer
looks-role-other = Health officer
looks-reason-call = to call
looks-reason-identify = to identify the person
looks-reason-quarantine = for quarantine
looks-reason-correction = to correct data
looks-reason-asked = you asked for it
looks-field-name = name
looks-field-initials = initials
looks-field-birth = birth
looks-field-phones = telephone
looks-field-address = address
looks-field-documents = documents

# Shared by all pages
app-name = Vùng Lam
switch-language = Switch to Vietnamese
back = Back
close = Close
cancel = Cancel
retry = Try again
simulated = Simulated data
minutes = { $minutes } min

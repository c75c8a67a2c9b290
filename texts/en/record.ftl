# The key by which a person sees who looked at their record.

record-key = The person's key to their record
record-key-lead = With this link the person sees who looked at their record: when, in which role, what for. Officers' names are not shown. An earlier key stops working.
record-key-once = The link is shown once. Send the message to this person's own number; whoever has the link sees the list.
record-key-link = Link
record-key-sms = Message
record-key-message = Health authority: see who looked at your record at { $link }
record-key-qr = QR code of the link
record-key-until = Good until { $date }.

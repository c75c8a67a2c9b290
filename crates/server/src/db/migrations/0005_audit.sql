CREATE TABLE audit_entry (
  writer {bytes} NOT NULL CHECK (LENGTH(writer) = 16),
  seq {i64} NOT NULL CHECK (seq > 0),
  at_s {i64} NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('allowed', 'denied')),
  line TEXT NOT NULL,
  hash {bytes} NOT NULL CHECK (LENGTH(hash) = 32),
  PRIMARY KEY (writer, seq)
){by_key};
CREATE INDEX audit_entry_newest ON audit_entry (at_s, writer, seq);
CREATE INDEX audit_entry_actor ON audit_entry (actor, at_s, writer, seq);
CREATE INDEX audit_entry_denied ON audit_entry (at_s, writer, seq) WHERE outcome = 'denied';
CREATE TABLE audit_object (
  writer {bytes} NOT NULL,
  seq {i64} NOT NULL,
  object_hmac {bytes} NOT NULL CHECK (LENGTH(object_hmac) = 16),
  at_s {i64} NOT NULL,
  PRIMARY KEY (writer, seq, object_hmac)
){by_key};
CREATE INDEX audit_object_newest ON audit_object (object_hmac, at_s, writer, seq);
CREATE TABLE audit_chain (
  writer {bytes} NOT NULL PRIMARY KEY CHECK (LENGTH(writer) = 16),
  length {i64} NOT NULL CHECK (length > 0),
  head {bytes} NOT NULL CHECK (LENGTH(head) = 32),
  signature {bytes} NOT NULL CHECK (LENGTH(signature) = 64)
){by_key};
CREATE TABLE audit_pruned (
  writer {bytes} NOT NULL PRIMARY KEY CHECK (LENGTH(writer) = 16),
  seq {i64} NOT NULL CHECK (seq > 0),
  hash {bytes} NOT NULL CHECK (LENGTH(hash) = 32),
  signature {bytes} NOT NULL CHECK (LENGTH(signature) = 64)
){by_key};
CREATE TABLE audit_root (
  number {i64} NOT NULL PRIMARY KEY CHECK (number > 0),
  line TEXT NOT NULL,
  hash {bytes} NOT NULL CHECK (LENGTH(hash) = 32),
  signature {bytes} NOT NULL CHECK (LENGTH(signature) = 64)
){strict};

import type { Look } from "./record.svelte";
import { t } from "./texts.svelte";

// The words of a look, in the person's language; a word that is new to this release is told in general terms.

/** What was done. */
export function actionOf(look: Look): string {
  switch (look.action) {
    case "person.reveal":
      return t("looks-action-reveal");
    case "case.list":
    case "contact.list":
    case "person.list":
    case "company.list":
      return t("looks-action-list");
    case "person.search":
      return t("looks-action-search");
    case "case.read":
    case "contact.read":
    case "person.read":
      return t("looks-action-read");
    case "visit.read":
      return t("looks-action-places");
    case "case.create":
    case "contact.create":
    case "person.create":
      return t("looks-action-create");
    case "case.change":
    case "case.close":
    case "contact.change":
    case "contact.close":
    case "person.change":
      return t("looks-action-change");
    case "export":
      return t("looks-action-export");
    case "record.issue":
      return t("looks-action-issue");
    case "code.issue":
      return t("looks-action-code");
    default:
      return t("looks-action-other");
  }
}

/** Whether somebody saw who the person is. */
export function isWhole(look: Look): boolean {
  return look.action === "person.reveal" || look.action === "export";
}

/** In which role. */
export function roleOf(look: Look): string {
  switch (look.role) {
    case "tracer":
      return t("looks-role-tracer");
    case "commune_tracer":
      return t("looks-role-commune");
    case "team_lead":
      return t("looks-role-lead");
    case "epidemiologist":
      return t("looks-role-epidemiologist");
    case "code_issuer":
      return t("looks-role-issuer");
    default:
      return t("looks-role-other");
  }
}

/** For which reason, where one was given. */
export function reasonOf(look: Look): string {
  switch (look.reason) {
    case "call":
      return t("looks-reason-call");
    case "identify":
      return t("looks-reason-identify");
    case "quarantine":
      return t("looks-reason-quarantine");
    case "correction":
      return t("looks-reason-correction");
    case "person-asks":
      return t("looks-reason-asked");
    default:
      return "";
  }
}

/** What was seen of the person. */
export function fieldsOf(look: Look): string {
  const words = {
    name: t("looks-field-name"),
    name_masked: t("looks-field-initials"),
    birth: t("looks-field-birth"),
    birth_year: t("looks-field-birth"),
    phones: t("looks-field-phones"),
    address: t("looks-field-address"),
    documents: t("looks-field-documents"),
  } as Record<string, string>;
  return look.fields
    .map((field) => words[field])
    .filter((word) => word !== undefined)
    .join(", ");
}

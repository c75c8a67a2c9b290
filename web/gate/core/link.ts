/** What an opening code says. */
export interface Link {
  /** Address of the service. */
  service: string;
  secret: string;
}

/** Reads an opening code: the address of a gate's page with the service and a secret behind the `#`, which is never sent anywhere. */
export function readLink(text: string): Link | null {
  let address: URL;
  try {
    address = new URL(text.trim());
  } catch {
    return null;
  }
  const said = new URLSearchParams(address.hash.slice(1));
  const [service, secret] = [said.get("at"), said.get("enrol")];
  if (!service || !secret || !/^https?:\/\/[^/?#]+(\/[^?#]*)?$/.test(service)) return null;
  return { service: service.replace(/\/$/, ""), secret };
}

// @ts-check
// Who may be known already, beside a form that is being filled in: asked for when a field is left, never while typing.

const FIELDS = ["name", "birth", "phone", "document"];

/** @param {HTMLElement} place */
export function similar(place) {
  const form = place.closest("form");
  const address = place.dataset["similar"];
  if (!form || !address) return;
  let asked = "";
  form.addEventListener("change", async () => {
    const said = new URLSearchParams();
    for (const name of ["form_token", "sex", ...FIELDS]) said.set(name, String(new FormData(form).get(name) ?? ""));
    const now = said.toString();
    // A name alone fits too many people.
    const told = FIELDS.filter((name) => said.get(name));
    if (now === asked || told.length < 2) return;
    asked = now;
    const answer = await fetch(address, { method: "POST", body: said }).catch(() => null);
    if (answer?.ok && asked === now) place.innerHTML = await answer.text();
  });
}

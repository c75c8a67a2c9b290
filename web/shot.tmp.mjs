import { chromium } from "playwright-core";
const url = "http://127.0.0.1:7700", auth = "http://127.0.0.1:7702";
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const doors = await (await fetch(url + "/demo/v1/doors")).json();
const out = "/tmp/shots/";
async function ctx(w, h, lang) { const c = await b.newContext({ viewport: { width: w, height: h } }); return c; }
const number = "0988" + String(Date.now()).slice(-6);
for (const [name, w, h] of [["p", 390, 844], ["d", 1440, 900]]) {
  const lang = name === "p" ? "vi" : "en";
  const c = await ctx(w, h);
  const p = await c.newPage();
  const shot = async (n, full = false) => { const over = await p.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1); if (over) console.log("wide", n, name); await p.screenshot({ path: `${out}${n}-${name}.png`, fullPage: full }); };
  await p.goto(`${auth}/venues?lang=${lang}`); await shot("door");
  await p.goto(`${auth}/venues/new?lang=${lang}`); await shot("new", true);
  await p.fill("[name=venue_name]", "Quán cơm Bảy Hiền"); await p.selectOption("[name=kind]", "restaurant"); await p.selectOption("[name=commune]", { index: 5 }); await p.fill("[name=name]", "Trần Thị Hiền"); const num = number.slice(0, 9) + (name === "p" ? "1" : "2"); await p.fill("[name=phone]", num);
  await p.click("form.form button.go"); await p.waitForSelector("[name=code]"); await shot("code");
  const text = (await (await fetch(url + "/demo/v1/doors")).json()).messages.find((m) => m.to === num).text; const d = /\b\d{6}\b/.exec(text)[0];
  await p.fill("[name=code]", "000000"); await p.click("form.form button.go"); await shot("code-wrong");
  await p.fill("[name=code]", d); await p.click("form.form button.go"); await p.waitForSelector(".qr"); await shot("venue", true);
  const base = p.url();
  await p.goto(base + "/activity"); await shot("activity", true);
  await p.goto(base + "/renew"); await shot("renew");
  await p.goto(`${auth}/venues`); await shot("mine");
  const place = doors.places[0];
  await p.goto(`${place.address}?lang=${lang}`); await shot("visitor", true);
  await p.fill("[name=name]", "Nguyễn Văn Khách"); await p.fill("[name=phone]", num); await p.click("button[value=in]"); await shot("visitor-done");
  await p.goto(`${auth}/v/hello?lang=${lang}`); await shot("visitor-foreign");
  await p.goto(`${url}/app/?demo=/demo/v1/phones/lan&lang=${lang}#/scan`); await p.waitForSelector("#typed"); await shot("scan", true);
  await p.fill("#typed", place.code); await p.click("form .btn"); await p.waitForSelector(".done"); await shot("scan-done", true);
  await p.goto(`${url}/app/?demo=/demo/v1/phones/lan&lang=${lang}#/`); await p.waitForSelector("nav"); await p.waitForTimeout(500); await shot("home", true);
  await p.evaluate(() => (location.hash = "#/places")); await p.waitForTimeout(500); await shot("places", true);
  await p.evaluate(() => (location.hash = "#/register")); await p.waitForTimeout(500); await shot("register");
  await p.goto(`${url}/?lang=${lang}`); await p.waitForTimeout(4000); await shot("start", true);
  await p.goto(`${url}/enter/tracer?then=/desk/cases&lang=${lang}`); await p.waitForSelector("table");
  const links = await p.locator("table a[data-row]").evaluateAll((all) => all.map((it) => it.getAttribute("href")));
  let best = null, most = 0;
  for (const href of links.slice(0, 25)) { await p.goto(auth + href); const n = await p.locator(".tline a.btn[href*='venue=']").count(); if (n > most) { most = n; best = href; } }
  console.log("scans", most, best);
  if (best) { await p.goto(auth + best); await shot("case", true); const link = await p.locator(".tline a.btn[href*='venue=']").first().getAttribute("href"); await p.goto(auth + link); await shot("company", true);
    const m = await p.goto(auth + best).then(() => p.locator(".tline a.btn:not([href*='venue='])").first().getAttribute("href").catch(() => null)); if (m) { await p.goto(auth + m); await shot("meant"); } }
  await c.close();
}
await b.close();

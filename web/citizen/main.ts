import "../kit/tokens.css";
import "../kit/pieces.css";
import "./app.css";
import { mount } from "svelte";
import { preferredLanguage } from "../kit/language.svelte";
import App from "./App.svelte";
import { session } from "./session.svelte";
import { speak } from "./texts.svelte";
import { keepOffline } from "../kit/update.svelte";

await speak(preferredLanguage(location.search), false);
mount(App, { target: document.getElementById("app") ?? document.body });
void session.start();
if (import.meta.env.PROD && !session.isDemo) keepOffline();
// Public Sans comes when the phone is idle and stays in the cache; until then the system's font serves.
const later = globalThis.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 2_000));
later(() => void import("../kit/fonts.css"));

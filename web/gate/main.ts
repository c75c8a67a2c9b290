import "../kit/tokens.css";
import "../kit/pieces.css";
import "./app.css";
import { mount } from "svelte";
import { preferredLanguage } from "../kit/language.svelte";
import { keepOffline } from "../kit/update.svelte";
import App from "./App.svelte";
import { gate } from "./gate.svelte";
import { speak } from "./texts.svelte";

await speak(preferredLanguage(location.search), false);
mount(App, { target: document.getElementById("app") ?? document.body });
void gate.start();
if (import.meta.env.PROD) keepOffline();
const later = globalThis.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 2_000));
later(() => void import("../kit/fonts.css"));

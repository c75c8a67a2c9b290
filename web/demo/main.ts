import "../kit/tokens.css";
import "../kit/fonts.css";
import "./demo.css";
import { mount } from "svelte";
import { preferredLanguage } from "../kit/language.svelte";
import App from "./App.svelte";
import { speak } from "./texts.svelte";

await speak(preferredLanguage(location.search), false);
mount(App, { target: document.getElementById("app") ?? document.body });

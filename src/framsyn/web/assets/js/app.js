// Comforts for those who run scripts. Every page works without them.
import { foldMenu } from "./menu.js";
import { offerCopying } from "./copy.js";
import { slideYears } from "./years.js";
import { walkMaps } from "./map.js";
import { listenToKeys } from "./keys.js";
import { openForPrint } from "./print.js";
import { keepDrafts } from "./drafts.js";
import { explore } from "./explorer.js";
import { presentSteps } from "./present.js";

foldMenu();
offerCopying();
slideYears();
walkMaps();
listenToKeys();
openForPrint();
keepDrafts();
explore();
presentSteps();

// A form that came back with faults is read out from its summary.
document.querySelector("[data-focus]")?.focus();

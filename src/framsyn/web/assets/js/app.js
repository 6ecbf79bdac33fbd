// Comforts for those who run scripts. Every page works without them.
import { foldMenu } from "./menu.js";
import { offerCopying } from "./copy.js";
import { slideYears } from "./years.js";
import { listenToKeys } from "./keys.js";
import { openForPrint } from "./print.js";
import { keepDrafts } from "./drafts.js";

foldMenu();
offerCopying();
slideYears();
listenToKeys();
openForPrint();
keepDrafts();

// A form that came back with faults is read out from its summary.
document.querySelector("[data-focus]")?.focus();

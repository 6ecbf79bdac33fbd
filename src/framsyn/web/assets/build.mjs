// Bundle css and js into a folder: file names carry a digest of their content, manifest.json says which is which.
// Run by tools/build_assets.py in a copy of this folder: node build.mjs OUT STAMP
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const [out, stamp] = process.argv.slice(2);
mkdirSync(out, { recursive: true });

// A rule of Designsystemet begins with a bare :has(label), so any change to any text makes the browser look at the style of
// the whole page anew. Within a field it says the same.
const BARE = ":has(label):not(:has(label:hover))";
const narrowed = {
  name: "narrowed",
  setup(building) {
    building.onLoad({ filter: /designsystemet-css\/.*input\.css$/ }, (asked) => {
      const text = readFileSync(asked.path, "utf8");
      if (!text.includes(BARE)) throw new Error(`${asked.path}: ${BARE} is gone; take the narrowing out of build.mjs`);
      return { contents: text.replaceAll(BARE, `.ds-field${BARE}`), loader: "css" };
    });
  },
};

const result = await build({
  plugins: [narrowed],
  entryPoints: [
    { in: "css/index.css", out: "framsyn" },
    { in: "js/app.js", out: "app" },
  ],
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  charset: "utf8",
  // Nesting, :has and the inset properties are written out or left by what these can read.
  target: ["chrome120", "firefox121", "safari17"],
  entryNames: "[name]-[hash]",
  legalComments: "eof",
  metafile: true,
  logLevel: "warning",
});

const files = {};
for (const [path, output] of Object.entries(result.metafile.outputs)) {
  if (output.entryPoint) {
    const name = basename(path);
    files[name.replace(/-[0-9A-Z]{8}(?=\.[a-z]+$)/, "")] = name;
  }
}

// Pictures are copied as they are, under a name with a digest.
const mark = readFileSync("mark.svg");
files["mark.svg"] = `mark-${createHash("sha256").update(mark).digest("hex").slice(0, 8).toUpperCase()}.svg`;
writeFileSync(join(out, files["mark.svg"]), mark);

// What others wrote travels with its licence.
const scope = "node_modules/@digdir";
const licences = [];
for (const name of readdirSync(scope).sort()) {
  const { version, license } = JSON.parse(readFileSync(join(scope, name, "package.json"), "utf8"));
  const text = join(scope, name, "LICENSE");
  licences.push(`@digdir/${name} ${version} (${license})\n\n${existsSync(text) ? readFileSync(text, "utf8") : ""}`);
}
writeFileSync(join(out, "licences.txt"), licences.join("\n\n"));
writeFileSync(join(out, "manifest.json"), `${JSON.stringify({ stamp, files }, null, 2)}\n`);

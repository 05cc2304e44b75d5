/** The inputs that inputs.js makes for the histories of standard input: node make_inputs.mjs MODULE DATA */

import { readFileSync } from "node:fs";

const [module, path] = process.argv.slice(2);
const { InputMaker } = await import(module);
const maker = new InputMaker(JSON.parse(readFileSync(path, "utf-8")));
const made = JSON.parse(readFileSync(0, "utf-8")).map(({ labels, times, now }) =>
  Object.fromEntries(Object.entries(maker.make(labels, times, now)).map(([name, values]) => [name, [...values]])),
);
process.stdout.write(JSON.stringify(made));

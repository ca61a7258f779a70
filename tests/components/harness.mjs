// Runs every exported function of a file of tests and prints {name: error or null} as one line of JSON.
import { pathToFileURL } from "node:url";

const tests = await import(pathToFileURL(process.argv[2]).href);
const results = {};
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    results[name] = null;
  } catch (error) {
    results[name] = String(error.stack ?? error);
  }
}
console.log(JSON.stringify(results));

// Microsoft's own parser reads the queries and alerts, with the columns that Application Insights fills:
// node kusto.cjs <folder of @kusto/language-service-next> <file>...
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const [library, ...files] = process.argv.slice(2);
for (const script of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
  vm.runInThisContext(fs.readFileSync(path.join(library, script), "utf8"), { filename: script });
}
const { GlobalState, KustoCode, Symbols } = Kusto.Language;
const tables = {
  AppTraces: "(TimeGenerated: datetime, SeverityLevel: int, Message: string, Properties: dynamic, ItemCount: int)",
  AppRequests: "(TimeGenerated: datetime, ResultCode: string, ItemCount: int)",
};
const symbols = Object.entries(tables).map(([name, schema]) => Symbols.TableSymbol.From(schema).WithName(name));
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor1("log", symbols));

let wrong = 0;
for (const file of files) {
  const found = KustoCode.ParseAndAnalyze(fs.readFileSync(file, "utf8"), globals).GetDiagnostics();
  for (let number = 0; number < found.Count; number += 1) {
    console.log(`${file}: ${found.getItem(number).Message}`);
    wrong += 1;
  }
}
console.log(`queries: ${files.length} files, ${wrong} diagnostics`);
process.exitCode = files.length && !wrong ? 0 : 1;

/** The import law: packages never import one another; they meet in examples/ and benchmarks/ only. */
module.exports = {
  forbidden: [
    {
      name: "packages-are-independent",
      severity: "error",
      from: { path: "^packages/([^/]+)/" },
      to: { path: "^packages/", pathNot: "^packages/$1/" },
    },
    {
      name: "packages-are-independent-by-name",
      severity: "error",
      from: { path: "^packages/([^/]+)/" },
      to: { path: "@lmk/", pathNot: "@lmk/$1" },
    },
    {
      name: "packages-never-import-apps",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^(examples|benchmarks|architecture)/" },
    },
    {
      name: "src-never-imports-tooling",
      severity: "error",
      from: { path: "^packages/[^/]+/src/" },
      to: { path: "^tooling/|@lmk-internal/" },
    },
    {
      name: "examples-meet-only-in-kits",
      severity: "error",
      from: { path: "^examples/([^/]+)/" },
      to: { path: "^examples/", pathNot: "^examples/($1|[^/]*kit)/" },
    },
    {
      name: "no-undeclared-dependency",
      severity: "error",
      from: { path: "^packages/[^/]+/src/" },
      to: {
        dependencyTypes: ["npm-no-pkg", "npm-dev", "unknown", "undetermined"],
        dependencyTypesNot: ["npm-peer", "npm-optional"],
      },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, dependencyTypesNot: ["type-only"] },
    },
    { name: "not-to-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    doNotFollow: { path: ["node_modules", "dist"] },
    exclude: { path: ["node_modules/(?!@lmk)", "(^|/)dist/", "(^|/)runs/"] },
    enhancedResolveOptions: {
      conditionNames: ["@lmk/source", "node", "import", "types", "default"],
      exportsFields: ["exports"],
    },
  },
};

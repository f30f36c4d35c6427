// The kernels of exact search, in AssemblyScript. src/exact/kernels.ts says what is called when.
export { setLimits, sortLists, squareRows } from "./lists";
export { comparePanels, compareProducts, compareRows } from "./products";
export { decodeHalves, decodeInt8, packRows } from "./rows";
export { setLists, setQueries, setRows, setSearch } from "./state";

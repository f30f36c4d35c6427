/**
 * A package that only one subpath needs is not installed, or does not load on this machine.
 *
 * The `cause` is the error of the attempt to load it.
 */
export class PackageUnavailableError extends Error {
  override readonly name: string = "PackageUnavailableError";
  /** The same for every error of this class, to recognise it across two installed copies of this package. */
  readonly code: "package-unavailable" = "package-unavailable";
  /** The name to install. */
  readonly packageName: string;

  /**
   * @param message - One line that names caller, package and the way out.
   * @param packageName - The name to install.
   * @param options - The error that this one follows from, as `cause`.
   */
  constructor(message: string, packageName: string, options: ErrorOptions = {}) {
    super(message, options);
    this.packageName = packageName;
  }
}

/** What `load` gives; where it throws, an error that says which of the packages to install. */
export async function loadPackage<Loaded>(
  caller: string,
  packageNames: readonly [string, ...string[]],
  load: () => Promise<Loaded>,
): Promise<Loaded> {
  try {
    return await load();
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const reason = text.split("\n", 1)[0]!.trim();
    // A package that is missing is named in quotes, also where another one asked for it.
    const packageName = packageNames.find((name) => reason.includes(`'${name}'`)) ?? packageNames[0];
    throw new PackageUnavailableError(
      `${caller}: expected the optional package ${packageName} to load, got ${JSON.stringify(reason)}; add it to the dependencies`,
      packageName,
      { cause },
    );
  }
}

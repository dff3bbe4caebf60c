// SPDX-License-Identifier: Apache-2.0
/** Mean absolute errors in percent; -1 where a fold could not be made. */
export interface HeldOutErrors {
  /** On the rows that were fitted. */
  readonly fit: number;
  /** Rows left out in ten folds. */
  readonly rows: number;
  /** Each whole shape left out. */
  readonly shapes: number;
  /** Each system left out; its generation's constants as shares of its own peaks. */
  readonly systems: number;
}

/** Which measured rows a set of constants belongs to. */
export interface FamilyKey {
  readonly op: string;
  readonly dtype: string;
  readonly kvDtype: string;
  readonly kernelSource: string;
  readonly framework: string;
  readonly version: string;
}

/** Fitted constants of one operation, format and kernel, by system. */
export interface FittedFamily extends FamilyKey {
  /** Measured rows behind it. */
  readonly rows: number;
  /** Constants that were not fitted because held-out error is no better with them. */
  readonly held: readonly string[];
  readonly errors: HeldOutErrors;
  /** In the order of the form's constants; a generation's name holds what its systems share. */
  readonly systems: Readonly<Record<string, readonly number[]>>;
}

export interface Fitted {
  /** Day of the fit, as YYYY-MM-DD. */
  readonly date: string;
  /** Where the rows come from. */
  readonly source: string;
  readonly families: readonly FittedFamily[];
}

/** Why a document cannot be shown, in words for the person who opened the page. */

export interface FailureDetails {
  /** One line: what went wrong. */
  title: string;
  /** Sentences: why, and what to do. */
  explanation: string;
  /** Line and column, a JSON pointer, a status. */
  where?: string;
  /** The things it is about: references, places. */
  items?: string[];
  /** A command that helps. */
  command?: string;
}

export class Failure extends Error {
  readonly details: FailureDetails;

  constructor(details: FailureDetails) {
    super(details.title);
    this.name = "Failure";
    this.details = details;
  }
}

/** Anything thrown, as a failure that can be shown. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Failure({
    title: "This document could not be shown",
    explanation: "The page met something in it that it does not expect. The browser's console has the details.",
    items: [message],
  });
}

/** Shows a message where rendering a document crashes, so that the page never goes blank. */
import { Component, type ReactNode } from "react";

import { Failure } from "../document/failure";
import { FailureView } from "./FailureView";

interface State {
  error?: unknown;
}

export class CrashBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = {};

  static getDerivedStateFromError(error: unknown): State {
    return { error: error ?? new Error("no reason given") };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    const failure = new Failure({
      title: "This document could not be shown",
      explanation:
        "Something in it has a form that the page does not expect. The official AsyncAPI command line says where:",
      command: "npx @asyncapi/cli validate asyncapi.yaml",
      items: [error instanceof Error ? error.message : String(error)],
    });
    return <FailureView failure={failure} />;
  }
}

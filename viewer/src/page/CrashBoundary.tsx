/** Shows a message where rendering a document, or a part of it, crashes: the rest of the page stays. */
import { Component, type ReactNode } from "react";

import { shortened } from "../document/budget";
import { Failure } from "../document/failure";
import { FailureView } from "./FailureView";

interface State {
  error?: unknown;
}

interface Props {
  children: ReactNode;
  /** What cannot be shown. */
  what?: string;
}

export class CrashBoundary extends Component<Props, State> {
  override state: State = {};

  static getDerivedStateFromError(error: unknown): State {
    return { error: error ?? new Error("no reason given") };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    const failure = new Failure({
      title: `${this.props.what ?? "This document"} could not be shown`,
      explanation:
        "Something in it has a form that the page does not expect. The official AsyncAPI command line says where:",
      command: "npx @asyncapi/cli validate asyncapi.yaml",
      items: [shortened(error instanceof Error ? error.message : String(error))],
    });
    return <FailureView failure={failure} />;
  }
}

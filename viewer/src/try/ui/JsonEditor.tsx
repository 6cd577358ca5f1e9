/** The draft as JSON text: highlighted, completed and checked as one types. Tab leaves it, as it leaves any field. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { Annotation, EditorState, Prec, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef, type ReactNode } from "react";

import type { Mistake } from "../check/check";
import { suggestionsAt } from "../compose/completion";
import { spansOf, syntaxMistake } from "../compose/jsonText";
import type { Seen } from "../compose/seen";

interface Props {
  label: string;
  text: string;
  schema: unknown;
  mistakes: Mistake[];
  seen: Seen;
  isJson: boolean;
  onChange(text: string): void;
  onSend(): void;
}

const OUTSIDE = Annotation.define<boolean>();

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--link)" },
  { tag: tags.string, color: "var(--value)" },
  { tag: tags.number, color: "var(--type)" },
  { tag: [tags.bool, tags.null], color: "var(--server)" },
]);

function diagnosticsOf(text: string, mistakes: readonly Mistake[]): Diagnostic[] {
  const syntax = syntaxMistake(text);
  if (syntax !== undefined) return [{ from: syntax.from, to: syntax.to, severity: "error", message: syntax.reason }];
  const spans = spansOf(text);
  return mistakes.map(({ path, reason }) => {
    const { from, to } = spans.get(path) ?? { from: 0, to: Math.min(1, text.length) };
    // A whole object underlined says nothing: its first character does.
    const isLong = /^[{[]/.test(text.slice(from, from + 1));
    return { from, to: isLong ? from + 1 : to, severity: "warning", message: reason };
  });
}

function completions(props: { current: Props }): (context: CompletionContext) => CompletionResult | null {
  return (context) => {
    const { schema, seen } = props.current;
    const found = suggestionsAt(schema, context.state.doc.toString(), context.pos, seen);
    if (found === undefined) return null;
    // Nothing written yet: only where it was asked for, or after a quote.
    if (found.from === context.pos && !context.explicit) return null;
    const after = context.state.sliceDoc(context.pos, context.pos + 1);
    const to = after === '"' ? context.pos + 1 : context.pos;
    return {
      from: found.from,
      to,
      options: found.options.map(({ label, text, detail }) => ({ label, detail, apply: text })),
      filter: true,
    };
  };
}

function extensions(props: { current: Props }): Extension[] {
  const send = (): boolean => {
    props.current.onSend();
    return true;
  };
  return [
    history(),
    drawSelection(),
    closeBrackets(),
    ...(props.current.isJson ? [json(), syntaxHighlighting(COLOURS), autocompletion({ override: [completions(props)], icons: false })] : []),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": props.current.label, spellcheck: "false" }),
    Prec.highest(keymap.of([{ key: "Mod-Enter", run: send }])),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && !update.transactions.some((each) => each.annotation(OUTSIDE))) props.current.onChange(update.state.doc.toString());
    }),
  ];
}

export function JsonEditor(given: Props): ReactNode {
  const parent = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const props = useRef(given);
  props.current = given;
  useEffect(() => {
    if (parent.current === null) return;
    const state = EditorState.create({ doc: props.current.text, extensions: extensions(props) });
    const editor = new EditorView({ state, parent: parent.current });
    view.current = editor;
    return () => editor.destroy();
  }, []);
  const { text, mistakes, isJson } = given;
  useEffect(() => {
    const editor = view.current;
    if (editor === undefined) return;
    if (editor.state.doc.toString() !== text) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text }, annotations: OUTSIDE.of(true) });
    }
    const now = editor.state.doc.toString();
    if (isJson) editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(now, mistakes)));
  }, [text, mistakes, isJson]);
  return <div className="try-editor" ref={parent} />;
}

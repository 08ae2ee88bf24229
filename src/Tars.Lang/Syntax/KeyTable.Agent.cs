using System.Collections.Immutable;

namespace Tars.Lang.Syntax;

/// <summary>The blocks of an agent.</summary>
public static partial class KeyTable
{
    private static ImmutableArray<KeyBlock> AgentParts() =>
    [
        new("agent", "One agent: its state and what it does on each event.",
        [
            Must("role", Prose, "What it is, in a few words."),
            May("goal", Prose, "What it is to reach."),
            May("starts", Word("with_module", "by_spawn", "per_request"), "Who brings it to life."),
            .. AgentRows(handlersRequired: true),
        ]),
        Compact("skill", "Something that the agent can do, told to others.",
        [
            Must("id", Named, "Its name."),
            Must("about", Prose, "What it is, in a sentence."),
        ]),
        Compact("schedule", "When the agent runs, against others.",
        [
            May("priority", Literal("int"), "0 to 9; higher goes first."),
            May("deadline", Literal("duration"), "Each event is to be handled within this time."),
            May("weight", Literal("int"), "Its share among those of equal priority."),
        ]),
        Compact("mailbox", "How many events may wait.",
        [
            Must("length", Literal("int"), "The most that may wait."),
            Must("when_full", Word("block", "drop_oldest", "reject"), "What happens to one more."),
        ]),
        Compact("limits", "What one transaction, or one second, may use.",
        [
            May("fuel", Literal("int"), "Fuel of one transaction."),
            May("memory", Literal("size"), "Memory of the process."),
            May("fuel_per_second", Literal("int"), "Fuel of one second; who has burnt it rests."),
            May("sends", Literal("int"), "Messages and publications of one transaction."),
        ]),
        new("procedure", "Code with effects that several handlers share.",
        [
            May("with", Fields, "Its parameters."),
            May("returns", TypeOnly, "The type of its result."),
            Must("do", Code, "Its statements."),
        ]),
        new("handler", "What the agent does on an event.",
        [
            May("with", Fields, "What comes with an ask; for migrate, the old fields."),
            May("returns", TypeOnly, "The type of the answer to an ask."),
            May("do", Code, "Its statements; in a module with `code: wasm` there are none."),
        ]),
    ];

    /// <summary>The keys of an agent that may stand in the module itself, when it is one agent.</summary>
    private static ImmutableArray<KeyRow> OneAgentRows() => AgentRows(handlersRequired: false);

    private static ImmutableArray<KeyRow> AgentRows(bool handlersRequired) =>
    [
        May("instructions", Prose, "Free text for a model that works as this agent."),
        May("skills", List(In("skill")), "What the agent can do, told to others."),
        May("on_trap", Word("continue", "restart", "stop"), "What happens after a trap."),
        May("journal", Word("off", "recent", "durable"), "How much of what happens to it is kept."),
        May("isolation", Word("any", "microvm"), "The least isolation that will do."),
        May("schedule", In("schedule"), "When it runs, against others."),
        May("mailbox", In("mailbox"), "How many events may wait."),
        May("reject_after", Literal("int"), "Traps that one sender may cause before nothing more is taken from it."),
        May("limits", In("limits"), "What one transaction may use."),
        Section("state", Map(Reading.Name, Declared), "What it remembers; without a value: given by its spawner."),
        May("invariants", List(Condition), "What holds at the end of each transaction."),
        May("procedures", Map(Reading.Name, In("procedure")), "Code that several handlers share."),
        new KeyRow(
            "handlers", handlersRequired, Map(Reading.Event, In("handler")), "What it does on each event."),
    ];
}

using System.Collections.Immutable;

namespace Tars.Lang.Syntax;

/// <summary>The blocks by which a module is believed, judged and changed.</summary>
public static partial class KeyTable
{
    /// <summary>The failures that a step may expect and a twin may give.</summary>
    public static ImmutableArray<string> FailureKinds =>
        ["timeout", "refused", "gone", "crashed", "denied", "unavailable", "malformed"];

    private static ImmutableArray<KeyBlock> JudgementParts() =>
    [
        new("belief_graph", "Beliefs and how they support and attack each other.",
        [
            May("of", Named, "The agent whose processes hold them; by default the only one."),
            Must("beliefs", Map(Reading.Name, In("belief")), "Name to belief."),
            May("relations", List(In("relation")), "Who supports or attacks whom."),
        ]),
        Compact("belief", "Something that is more or less so.",
        [
            Must("claim", Prose, "What is believed, in a sentence."),
            Must("prior", Literal("float"), "Its strength before any evidence, 0 to 1."),
        ]),
        Compact("relation", "One belief bears on another.",
        [
            Must("from", Named, "The belief that bears."),
            May("supports", Named, "The belief that is made stronger."),
            May("attacks", Named, "The belief that is made weaker."),
            Must("weight", Literal("float"), "How much, 0 to 1."),
        ]),
        Compact("metric", "A number by which the module is judged.",
        [
            Must("kind", Word("last", "sum", "mean", "max", "once"), "How reports are joined."),
            Must("goal", Word("maximize", "minimize"), "Which way is better."),
            May("from", Word("environment", "channels", "module"), "Who measures it; by default the module."),
            May("of", Condition, "from: channels: what is measured, over published messages."),
            May("unit", Prose, "Its unit."),
            May("about", Prose, "What it means, in a sentence."),
        ]),
        new("reflection", "What a bad metric means and what to try.",
        [
            Must("when", Condition, "A condition over metrics."),
            Must("diagnose", Prose, "What it means."),
            Must("suggest", List(Path), "The paths to look at."),
        ]),
        new("test", "A check of the functions.",
        [
            Must("name", Prose, "A sentence that is true when it passes."),
            Must("do", Code, "Statements with asserts."),
        ]),
        new("scenario", "A run in virtual time and what is expected of it.", [.. ScenarioRows()]),
        Compact("seeds", "Several runs, each with a seed of its own.",
        [
            Must("from", Literal("int"), "The first seed."),
            Must("count", Literal("int"), "How many."),
        ]),
        Compact("twin", "The simulated twin of a device.", [.. TwinRows()]),
        Compact("faults", "What goes wrong between processes.",
        [
            May("drop", Literal("share"), "The share of messages that is lost."),
            May("delay", Literal("duration"), "The longest delay of a message."),
            May("duplicate", Literal("share"), "The share of messages that comes twice."),
            May("reorder", Literal("share"), "The share of messages that later ones may overtake."),
            May("clock_jump", Literal("duration"), "How far the wall clock may jump, now and then."),
        ]),
        Compact("step", "A stimulus and what is expected of its answer.", [.. StepRows()]),
        new("evolution", "What may change, towards what, and who approves.", [.. EvolutionRows()]),
        Compact("budget", "What one search may use.",
        [
            May("evaluations", Literal("int"), "Candidates tried."),
            May("fuel", Literal("int"), "Fuel of all of them."),
            May("tokens", Literal("int"), "Tokens of models."),
            May("patience", Literal("int"), "Candidates without a better one until it ends."),
            May("target", Literal("float"), "Value of the objective on `train` with which it ends."),
        ]),
    ];

    private static ImmutableArray<KeyRow> TwinRows() =>
    [
        May("sectors", Literal("int"), "block: its size."),
        May("torn_after", Literal("int"), "block: writes until one is torn by a crash."),
        May("answers", Data, "fetch, http, query, model: what it answers."),
        May("files", Data, "directory: path to content."),
        May("fails", Word(FailureKinds), "How every ask of it fails, of most kinds."),
    ];

    private static ImmutableArray<KeyRow> ScenarioRows() =>
    [
        Must("name", Prose, "What happens, in a sentence."),
        May("seed", Literal("int"), "The seed of all chance in the run."),
        May("seeds", In("seeds"), "Several runs, each with a seed of its own."),
        May("split", Word("train", "validation", "test"), "What the run may be used for."),
        Must("runs_for", Literal("duration"), "How long, in virtual time."),
        May("ns_per_fuel", Literal("int"), "Virtual time that one unit of fuel takes."),
        May("load", Path, "A recorded run; the module decides who runs next in it."),
        May("begins_as", Path, "The version it begins with."),
        May("environment", Map(Reading.Name, Path), "The modules that play the world."),
        May("devices", Map(Reading.Name, In("twin")), "The devices' twins."),
        May("stubs", Map(Reading.Name, Data), "Answers in place of agents that are not run."),
        May("params", Map(Reading.Name, Data), "Values of params in this run; `world.param` of the world."),
        May("faults", In("faults"), "What goes wrong between processes."),
        May("steps", List(In("step")), "What is done to it, and when."),
        May("expect", List(Condition), "What holds at the end."),
    ];

    private static ImmutableArray<KeyRow> StepRows() =>
    [
        Must("at", Literal("duration"), "When, from the beginning of the run."),
        May("every", Literal("duration"), "Again after each such time ..."),
        May("until", Literal("duration"), "... up to this time, included."),
        May("publish", Of(Reading.Channel), "The channel to publish on."),
        May("device", Named, "The device that has something."),
        May("ask", Named, "AGENT.NAME to ask."),
        May("with", Data, "The arguments of the ask."),
        May("http", Prose, "METHOD PATH of a request."),
        May("headers", Data, "The request's headers."),
        May("body", Prose, "The request's body."),
        May("set", Named, "MODULE.PARAM or WORLD.PARAM, the param to set."),
        May("value", Data, "What is published, given by the device or set."),
        May("crash", Named, "The agent to lose and start anew."),
        May("swap", Word("this"), "Bring in this version."),
        May("expect", Condition, "What holds of `answer` or `response`."),
        May("fails", Word(FailureKinds), "The failure that is expected."),
    ];

    private static ImmutableArray<KeyRow> EvolutionRows() =>
    [
        Must("objective", Named, "The metric to improve."),
        Must("may_change", List(Path), "The paths in reach."),
        May("frozen", List(Path), "Paths below those that stay as they are."),
        May("nodes_at_most", Literal("int"), "The size of code that evolves."),
        May("must_not_regress", Map(Reading.Name, Literal("share")), "Metric to the loss that is borne."),
        May("recorded", List(Path), "Recorded runs that a next version comes through."),
        May("planner", Word("rules", "search", "llm"), "Who proposes."),
        May("seed", Literal("int"), "The seed of the search."),
        May("budget", In("budget"), "What one search may use."),
        May("keep", Literal("int"), "How many candidates are kept."),
        Must("versions_per_session", Literal("int"), "Commits between two approvals."),
        Must("approval", Word("manual", "automatic"), "Who approves."),
    ];
}

using System.Collections.Immutable;

namespace Tars.Lang.Syntax;

/// <summary>The blocks of a module outside its agents.</summary>
public static partial class KeyTable
{
    /// <summary>The kinds of devices, those that come later included: their names are taken.</summary>
    public static ImmutableArray<string> DeviceKinds =>
    [
        "lines", "console", "button", "block", "store", "fetch", "query", "model", "scheduler", "introspect",
        "directory", "random", "http", "tcp", "udp", "kv", "gpio", "i2c", "spi", "pwm", "serial",
    ];

    private static ImmutableArray<KeyBlock> ModuleParts() =>
    [
        Compact("interface", "The interface that a module offers, with its options.", [.. KindRows()]),
        Compact("import", "A module of WebAssembly with a written interface.",
        [
            Must("wasm", Path, "Path of the WebAssembly file."),
            Must("interface", Path, "Path of the metascript with `code: wasm` that declares its agents."),
        ]),
        new("capabilities", "All that the module may touch.",
        [
            May("subscribe", Map(Reading.Channel, TypeOnly), "Channel pattern to the type of its values."),
            May("publish", Map(Reading.Channel, TypeOnly), "Channel pattern to the type of its values."),
            May("timers", In("timers"), "The right to set timers."),
            May("spawn", Map(Reading.Name, Literal("int")), "Agent, also of an import, to the most alive at once."),
            May("devices", Map(Reading.Name, Either(Word(DeviceKinds), In("device"))), "Name to kind of device."),
            May("serve", List(Path), "Prefixes of the paths that are served by HTTP."),
        ]),
        Compact("timers", "The right to set timers.",
        [
            Must("shortest", Literal("duration"), "No timer is shorter than this."),
        ]),
        Compact("device", "A device with options.", [.. KindRows()]),
        Compact("param", "A value to be tuned from outside.",
        [
            Must("type", TypeOnly, "bool, int, float, text, duration or a variant without payload."),
            Must("value", Data, "The value it begins with."),
            May("range", List(Data), "The least and the greatest value, both allowed."),
            Must("about", Prose, "What it means, in a sentence."),
        ]),
        new("function", "A pure function, or a template that gives text.",
        [
            May("with", Fields, "Its parameters."),
            May("returns", TypeOnly, "The type of its result."),
            May("do", Code, "Its statements."),
            May("text", Template, "Its text, with holes."),
        ]),
        new("agentic", "Several agents and how they are supervised.",
        [
            May("supervision", In("supervision"), "What happens when an agent traps too often."),
            Must("agents", Map(Reading.Name, In("agent")), "Name to agent."),
        ]),
        Compact("supervision", "What happens when an agent traps too often.",
        [
            Must("strategy", Word("one_for_one", "one_for_all", "rest_for_one"), "Who is restarted with it."),
            Must("restarts", Literal("int"), "How many restarts are borne ..."),
            Must("within", Literal("duration"), "... in this time, before the parent is told."),
        ]),
    ];

    private static ImmutableArray<KeyRow> KindRows() =>
    [
        Must("kind", Word(DeviceKinds), "The kind of device."),
        May("value", TypeOnly, "store: the type of what is kept."),
        May("hosts", List(Path), "fetch, http: the hosts that may be asked."),
        May("tokens", Literal("int"), "model: tokens an hour."),
    ];
}

using System.Text.Json;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;

namespace Tars.Sim.Spec;

/// <summary>The commands of one file of the suite, with the modules they have made so far.</summary>
internal sealed class SpecScript
{
    // The converter writes other bytes than the text asks for, so another rule is broken first.
    private static readonly HashSet<(string File, int Line)> _refusedOtherwise =
    [
        ("memory_init", 190), // A data segment without a data count section is malformed.
        ("memory_init", 227),
        ("select", 324), // A select with an empty list of types became the one without.
    ];

    private readonly string _file;
    private readonly Func<string, byte[]> _read;
    private readonly ISpecEngine _engine;
    private readonly Dictionary<string, Func<string, object?>> _named = [];
    private readonly Dictionary<string, Func<string, object?>> _registered;
    private readonly List<SpecFailure> _failures = [];
    private Func<string, object?>? _latest;
    private int _passed;
    private int _text;

    public SpecScript(string file, Func<string, byte[]> read, ISpecEngine engine)
    {
        _file = file;
        _read = read;
        _engine = engine;
        _registered = new() { ["spectest"] = SpecTest.Exports(engine) };
    }

    public SpecScore Score => new(_file, _passed, _text, _failures);

    public void Run(JsonElement command)
    {
        string kind = Text(command, "type")!;
        if (kind is "assert_malformed" && Text(command, "module_type") == "text")
        {
            _text++;
            return;
        }

        string? problem = kind switch
        {
            "module" => MakeModule(command),
            "register" => Register(command),
            "action" => Invoke(command) is OracleResult.Returned ? null : "trapped",
            "assert_return" => Returns(command),
            "assert_trap" or "assert_exhaustion" => Traps(command),
            "assert_malformed" => Refuses(command, malformed: true),
            "assert_invalid" => Refuses(command, malformed: false),
            "assert_unlinkable" or "assert_uninstantiable" => FailsToInstantiate(command),
            _ => "unknown command",
        };
        if (problem is not null)
        {
            _failures.Add(new SpecFailure(_file, Line(command), kind, problem));
        }
        else if (kind.StartsWith("assert_", StringComparison.Ordinal))
        {
            _passed++;
        }
    }

    private string? MakeModule(JsonElement command)
    {
        _latest = null;
        if (Instantiate(command, out string problem)?.Exports is not { } exports)
        {
            return problem;
        }

        _latest = exports;
        if (Text(command, "name") is { } name)
        {
            _named[name] = _latest;
        }

        return null;
    }

    private string? Register(JsonElement command)
    {
        var exports = Target(command);
        if (exports is null)
        {
            return "there is no such module";
        }

        _registered[Text(command, "as")!] = exports;
        return null;
    }

    private string? Returns(JsonElement command)
    {
        var result = Invoke(command);
        var expected = command.GetProperty("expected");
        return result switch
        {
            OracleResult.Returned returned when SpecValues.Match(returned.Values, expected) => null,
            OracleResult.Returned returned => $"got {SpecValues.Show(returned.Values)}, expected {expected}",
            OracleResult.Trapped trapped => $"trapped: {trapped.Trap}",
            _ => "there is no such export",
        };
    }

    private string? Traps(JsonElement command) => Invoke(command) switch
    {
        OracleResult.Trapped trapped when SpecTraps.Match(trapped.Trap, Text(command, "text")!) => null,
        OracleResult.Trapped trapped => $"trapped otherwise: {trapped.Trap}, expected {Text(command, "text")}",
        _ => $"did not trap, expected {Text(command, "text")}",
    };

    private string? Refuses(JsonElement command, bool malformed)
    {
        string expected = Text(command, "text")!;
        var decoded = ModuleDecoder.Decode(_read(Text(command, "filename")!));
        string? message = (decoded as DecodeResult.Malformed)?.Error.Message;
        bool isMalformed = message is not null;
        if (decoded is DecodeResult.Decoded module)
        {
            message = (ModuleValidator.Validate(module.Module) as ValidationResult.Invalid)?.Error.Message;
        }

        bool isOtherwise = _refusedOtherwise.Contains((_file, Line(command)));
        return message is null ? $"accepted, expected {expected}"
            : isOtherwise ? null
            : isMalformed != malformed ? $"refused at the other stage: {message}"
            : message.StartsWith(expected, StringComparison.Ordinal) ? null
            : $"refused with {message}, expected {expected}";
    }

    private string? FailsToInstantiate(JsonElement command)
    {
        string expected = Text(command, "text")!;
        return Instantiate(command, out string problem) switch
        {
            { Exports: not null } => $"instantiated, expected {expected}",
            { Unlinkable: { } message } when message.StartsWith(expected, StringComparison.Ordinal) => null,
            { Trap: { } trap } when SpecTraps.Match(trap, expected) => null,
            _ => $"{problem}, expected {expected}",
        };
    }

    private SpecInstance? Instantiate(JsonElement command, out string problem)
    {
        problem = "";
        var decoded = ModuleDecoder.Decode(_read(Text(command, "filename")!));
        if (decoded is DecodeResult.Malformed malformed)
        {
            problem = malformed.Error.ToString();
            return null;
        }

        var validated = ModuleValidator.Validate(((DecodeResult.Decoded)decoded).Module);
        if (validated is ValidationResult.Invalid invalid)
        {
            problem = invalid.Error.ToString();
            return null;
        }

        var made = _engine.Instantiate(((ValidationResult.Valid)validated).Module, Import);
        problem = made.ToString();
        return made;
    }

    private object? Import(Import import) =>
        _registered.TryGetValue(import.Module, out var exports) ? exports(import.Name) : null;

    private OracleResult? Invoke(JsonElement command)
    {
        var action = command.GetProperty("action");
        return Target(action)?.Invoke(Text(action, "field")!) is { } export
            ? _engine.Act(export, SpecValues.Arguments(action))
            : null;
    }

    private Func<string, object?>? Target(JsonElement json) =>
        (Text(json, "module") ?? Text(json, "name")) is { } name ? _named.GetValueOrDefault(name) : _latest;

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static int Line(JsonElement command) => command.GetProperty("line").GetInt32();
}

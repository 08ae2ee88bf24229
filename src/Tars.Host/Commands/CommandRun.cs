using System.Collections.Immutable;
using Tars.Bundle.Wasm;
using Tars.Devices.Host;
using Tars.Devices.Wasi;
using Tars.Kernel.Ports;

namespace Tars.Host.Commands;

/// <summary>Runs one plain WebAssembly module: a WASI command, or one function of any module.</summary>
/// <remarks>
/// All of it happens on a thread of its own, compiling included, so that a deadline ends whatever takes too long. A
/// call of the outside that does not come back is left behind with its thread, which ends with the program.
/// </remarks>
public sealed class CommandRun
{
    private const string Start = "_start";
    private const string Initialize = "_initialize";

    private readonly CommandOptions _options;
    private readonly CommandStreams _streams;
    private readonly CancellationToken _stop;
    private ICommand? _command;
    private ValidatedModule? _module;
    private WasiHost? _wasi;
    private long _fuelUsed;

    private CommandRun(CommandOptions options, CommandStreams streams, CancellationToken stop)
    {
        _options = options;
        _streams = streams;
        _stop = stop;
    }

    private CommandCosts Costs => new(_fuelUsed, _wasi?.Metrics.Calls ?? 0, _wasi?.Metrics.Refused ?? 0);

    public static CommandOutcome Run(ReadOnlyMemory<byte> bytes, CommandOptions options, CommandStreams streams)
    {
        // Never disposed: a thread that is left behind may still look at it.
        var stop = new CancellationTokenSource();
        var run = new CommandRun(options, streams, stop.Token);
        CommandOutcome? outcome = null;
        var thread = new Thread(() => outcome = run.Load(bytes), Limits.CommandStackBytesMax)
        {
            IsBackground = true,
            Name = "command",
        };
        thread.Start();
        run.Await(thread, stop);
        return Volatile.Read(ref outcome) ?? run.Late();
    }

    private void Await(Thread thread, CancellationTokenSource stop)
    {
        if (_options.Timeout is not { } timeout)
        {
            thread.Join();
            return;
        }

        if (thread.Join(TimeSpan.FromMilliseconds(Math.Min((timeout / 1_000_000) + 1, int.MaxValue))))
        {
            return;
        }

        // The guest's call may begin just now and forget that it was told to end, so it is told again.
        stop.Cancel();
        for (int turn = 0; turn < Limits.AbortCountMax && !thread.Join(Limits.AbortMilliseconds); turn++)
        {
            Volatile.Read(ref _command)?.Abort();
        }
    }

    private CommandOutcome.Faulted Late() => new(new GuestFault(FaultKind.Deadline), "", Costs);

    private CommandOutcome Load(ReadOnlyMemory<byte> bytes)
    {
        if (ModuleDecoder.Decode(bytes.Span) is not DecodeResult.Decoded { Module: var decoded })
        {
            return new CommandOutcome.Refused(
                $"malformed: {((DecodeResult.Malformed)ModuleDecoder.Decode(bytes.Span)).Error}");
        }

        switch (ModuleValidator.Validate(decoded))
        {
            case ValidationResult.Invalid invalid:
                return new CommandOutcome.Refused($"invalid: {invalid.Error}");
            case ValidationResult.Valid valid:
                _module = valid.Module;
                break;
        }

        if (Plan(_module!, out var function, out var arguments) is { } reason)
        {
            return new CommandOutcome.Unusable(reason);
        }

        var grants = Grants();
        _wasi = WasiHost.Create(grants, out string refusal);
        if (_wasi is null)
        {
            return new CommandOutcome.Unusable(refusal);
        }

        using (_wasi)
        {
            return Begin(function, arguments);
        }
    }

    private WasiGrants Grants() => new()
    {
        Arguments = _options.Arguments,
        Environment = _options.Environment,
        Folders = _options.Folders,
        Input = _streams.Input,
        Output = _streams.Output,
        Error = _streams.Error,
        Clock = _options.VirtualTime ? new VirtualClock() : new SystemClock(),
        Entropy = _options.Seed is { } seed ? new SeededEntropy(seed) : new SystemEntropy(),
        Stop = _stop,
    };

    /// <summary>What is to be called; null, or why it cannot be.</summary>
    private string? Plan(ValidatedModule module, out FuncIndex function, out ImmutableArray<ulong> arguments)
    {
        arguments = [];
        function = default;
        string name = _options.Invoke ?? Start;
        if (Find(module, name) is not { } found)
        {
            string known = string.Join(", ", module.Module.Exports
                .Where(export => export.Kind is ExternKind.Func).Take(20).Select(export => export.Name));
            string exported = known == "" ? "it exports no function" : $"it exports {known}";
            return _options.Invoke is null
                ? $"it is no command, for it exports no function '{Start}'; --invoke calls another: {exported}"
                : $"it exports no function '{name}'; {exported}";
        }

        function = found;
        var type = module.FunctionTypes[found.Value];
        if (_options.Invoke is null)
        {
            return type.Equals(FuncType.Empty)
                ? null
                : $"its '{Start}' is {type}, and a command's takes and gives nothing";
        }

        return ParseArguments(name, type, out arguments);
    }

    private string? ParseArguments(string name, FuncType type, out ImmutableArray<ulong> arguments)
    {
        arguments = [];
        if (!type.Parameters.Concat(type.Results).All(ValueText.Has))
        {
            return $"'{name}' is {type}; only numbers can be given and shown";
        }

        if (type.Parameters.Length != _options.InvokeArguments.Length)
        {
            return $"'{name}' is {type}, and {_options.InvokeArguments.Length} arguments are given";
        }

        var bits = ImmutableArray.CreateBuilder<ulong>();
        foreach (var (one, text) in type.Parameters.Zip(_options.InvokeArguments))
        {
            if (ValueText.Parse(text, one) is not { } value)
            {
                return $"'{text}' is no {one.Name()}";
            }

            bits.Add(value);
        }

        arguments = bits.DrainToImmutable();
        return null;
    }

    private CommandOutcome Begin(FuncIndex function, ImmutableArray<ulong> arguments)
    {
        var limits = new GuestLimits(
            _options.MemoryBytesMax, Limits.CommandDepthSlotsMax, Limits.CommandTableElementsMax);
        if (Compose.CommandEngine(_options.Engine) is not { } engine)
        {
            return new CommandOutcome.Unusable(Compose.WhyNot(_options.Engine));
        }

        switch (engine.Load(_module!, _wasi!, limits))
        {
            case CommandLoad.Refused refused:
                return new CommandOutcome.Refused(refused.Reason);
            case CommandLoad.Faulted faulted:
                return Fault(faulted.Fault);
            case CommandLoad.Ready ready:
                using (ready.Command)
                {
                    Volatile.Write(ref _command, ready.Command);
                    return CallAll(ready.Command, function, arguments);
                }

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private CommandOutcome CallAll(ICommand command, FuncIndex function, ImmutableArray<ulong> arguments)
    {
        FuncIndex?[] before = [_module!.Module.Start, _options.Invoke is null ? null : Find(_module, Initialize)];
        foreach (var first in before)
        {
            if (first is { } index && Call(command, index, []) is var early and not CommandEnd.Returned)
            {
                return OutcomeOf(early, function);
            }
        }

        return OutcomeOf(Call(command, function, arguments), function);
    }

    private CommandEnd Call(ICommand command, FuncIndex function, ImmutableArray<ulong> arguments)
    {
        var end = command.Call(function, arguments.AsSpan(), _options.Fuel - _fuelUsed);
        _fuelUsed += end.FuelUsed;
        return end;
    }

    private CommandOutcome OutcomeOf(CommandEnd end, FuncIndex function) => end switch
    {
        CommandEnd.Stopped when _wasi!.ExitStatus is { } status => new CommandOutcome.Exited(status, Costs),
        CommandEnd.Stopped => Late(), // Its outside was told to end it.
        CommandEnd.Faulted faulted => Fault(faulted.Fault),
        CommandEnd.Returned when _options.Invoke is null => new CommandOutcome.Exited(0, Costs),
        CommandEnd.Returned returned => new CommandOutcome.Returned(
            [
                .. _module!.FunctionTypes[function.Value].Results
                    .Zip(returned.Results, (type, bits) => ValueText.Show(bits, type)),
            ],
            Costs),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private CommandOutcome.Faulted Fault(GuestFault fault) =>
        new(fault, FunctionNames.Of(_module!, fault.Function), Costs);

    private static FuncIndex? Find(ValidatedModule module, string name) =>
        module.Module.Exports.FirstOrDefault(export => export.Name == name) is { Kind: ExternKind.Func } found
            ? new FuncIndex(found.Index)
            : null;
}

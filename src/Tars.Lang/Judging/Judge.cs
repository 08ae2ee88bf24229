using System.Buffers.Binary;
using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;
using Tars.Lang.Binding;
using Tars.Lang.Checking;
using Tars.Lang.Emitting;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Folding;
using Tars.Lang.Symbols;

namespace Tars.Lang.Judging;

/// <summary>Works out expectations over a run, by their compiled code in the oracle.</summary>
/// <remarks>
/// So an expectation means what the same words mean in a handler, and no second evaluator of the language exists.
///
/// Invariants:
///   I1  Each question is put to an instance as it was made: what another question left behind is gone.
///   I2  Whatever is given, an answer comes in bounded time.
/// </remarks>
public sealed class Judge
{
    private const int Settings = 0;

    private static readonly OracleLimits _limits = new(
        Limits.JudgeFuelMax, Limits.ConstantDepthMax, Limits.JudgePagesMax, TableElements: 0);

    private readonly ImmutableArray<GivenValue> _values;
    private readonly ValidatedModule? _module;

    // An instance that has answered, and its memory as it was before; a trap ends both.
    private OracleInstance? _used;
    private byte[] _fresh = [];

    private Judge(ImmutableArray<GivenValue> values, ValidatedModule? module)
    {
        _values = values;
        _module = module;
    }

    /// <summary>Makes ready to answer for expectations, and for measures behind them, of a module without errors.
    /// </summary>
    public static Judge Of(
        ModuleSymbol module, IEnumerable<CheckedExpectation> expectations, IEnumerable<CheckedMeasure> measures)
    {
        ImmutableArray<GivenValue> values =
        [
            .. expectations.Select(one => GivenValue.Of(one.Condition, one.Answer)),
            .. measures.Select(one => GivenValue.Of(one.Value, answer: null)),
        ];
        var code = Emitter.EmitJudge(module, BuiltInSymbols.Failure, values);
        return new Judge(values, ModuleValidator.Validate(code) is ValidationResult.Valid valid ? valid.Module : null);
    }

    /// <summary>What must be seen of the run to answer for an expression.</summary>
    public IEnumerable<BoundExpr.Observed> ObservedBy(int index) => _values[index].Observed;

    /// <summary>Works out one of the expressions.</summary>
    /// <param name="settings">The params, then the strengths of the beliefs, each in the value encoding.</param>
    /// <param name="given">The answer if the expression has one, then each thing observed, in the value encoding.
    /// </param>
    public JudgeAnswer Ask(int index, ReadOnlySpan<byte> settings, ReadOnlySpan<byte> given)
    {
        if (Fresh() is not { } instance)
        {
            return new JudgeAnswer.Failed("it is more than can be worked out here");
        }

        if ((Run(instance, Settings, settings) ?? Run(instance, index + 1, given)) is { } failure)
        {
            return new JudgeAnswer.Failed(failure);
        }

        int start = Read(instance, MemoryMap.OutBase);
        int size = Read(instance, MemoryMap.OutAt) - start;
        _used = instance;
        return new JudgeAnswer.Value([.. instance.Memory!.Bytes.Slice(start, size)]);
    }

    // What the compiler makes keeps all that changes in its memory. // I1
    private OracleInstance? Fresh()
    {
        var used = _used;
        _used = null;
        if (used is not null && used.Memory!.Bytes.Length == _fresh.Length)
        {
            _fresh.CopyTo(used.Memory.Bytes);
            return used;
        }

        if (_module is null || OracleInstance.Instantiate(_module, _ => null, _limits)
            is not Instantiation.Ready { Instance: var instance })
        {
            return null;
        }

        _fresh = instance.Memory!.Bytes.ToArray();
        return instance;
    }

    private static string? Run(OracleInstance instance, int number, ReadOnlySpan<byte> payload)
    {
        int size = (EventRecord.Payload + payload.Length + 7) & ~7;
        if (Read(instance, MemoryMap.Control + ControlBlock.EventsSize) < size
            && Call(instance, GuestExports.Reserve, size) is { } refused)
        {
            return refused;
        }

        var record = instance.Memory!.Bytes.Slice(Read(instance, MemoryMap.Control + ControlBlock.EventsBase), size);
        record.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(record[EventRecord.Size..], (uint)size);
        BinaryPrimitives.WriteUInt32LittleEndian(record[EventRecord.PayloadSize..], (uint)payload.Length);
        payload.CopyTo(record[EventRecord.Payload..]);
        return Call(instance, GuestExports.Run, number);
    }

    private static string? Call(OracleInstance instance, string export, int argument)
    {
        var function = (OracleExtern.OfFunc?)instance.Export(export);
        Invariant.Holds(function is not null);
        var result = OracleInstance.Call(function.Function, [Value.Of(argument)], _limits); // I2
        if (result is not OracleResult.Trapped trapped)
        {
            return null;
        }

        var why = (GuestTrap)Read(instance, MemoryMap.Control + ControlBlock.TrapCode);
        return trapped.Trap == WasmTrap.OutOfFuel ? "it takes too long" : TrapWords.Of(why);
    }

    private static int Read(OracleInstance instance, int address) =>
        BitConverter.ToInt32(instance.Memory!.Bytes.Slice(address, sizeof(int)));
}

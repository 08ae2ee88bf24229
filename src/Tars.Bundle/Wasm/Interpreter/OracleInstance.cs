using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>An instance run by the oracle: an interpreter written to be read, which judges the engines.</summary>
/// <remarks>
/// Use:
///   OracleInstance.Instantiate(module, imports, limits), then Invoke by the name of an export.
///   It is as deterministic as the module; several instances may share what they import from each other.
/// </remarks>
public sealed partial class OracleInstance
{
    private readonly OracleFunction[] _functions;
    private readonly OracleTable[] _tables;
    private readonly OracleMemory[] _memories;
    private readonly OracleGlobal[] _globals;
    private readonly ImmutableArray<object?>[] _elements;
    private readonly ReadOnlyMemory<byte>[] _data;

    internal OracleInstance(ValidatedModule module, OracleLimits limits, IReadOnlyList<OracleExtern> imports)
    {
        Module = module;
        Limits = limits;
        _functions =
        [
            .. imports.OfType<OracleExtern.OfFunc>().Select(import => import.Function),
            .. module.Functions.Select(function => new OracleFunction.Own(this, function)),
        ];
        _tables =
        [
            .. imports.OfType<OracleExtern.OfTable>().Select(import => import.Elements),
            .. module.Module.Tables.Select(type => new OracleTable(type, limits.TableElements)),
        ];
        _memories =
        [
            .. imports.OfType<OracleExtern.OfMemory>().Select(import => import.Bytes),
            .. module.Module.Memories.Select(type => new OracleMemory(type, limits.MemoryPages)),
        ];

        // The initial values see the imported globals, which stand first.
        _globals = new OracleGlobal[module.Globals.Length];
        int place = 0;
        foreach (var import in imports.OfType<OracleExtern.OfGlobal>())
        {
            _globals[place++] = import.Variable;
        }

        foreach (var global in module.Module.Globals)
        {
            _globals[place++] = new OracleGlobal(global.Type, Constant(global.Initial));
        }

        _elements = [.. module.Module.Elements.Select(segment => References(segment.Items))];
        _data = [.. module.Module.DataSegments.Select(segment => segment.Bytes)];
    }

    public ValidatedModule Module { get; }

    public OracleLimits Limits { get; }

    /// <summary>The memory, or null in a module without.</summary>
    public OracleMemory? Memory => _memories.Length == 0 ? null : _memories[0];

    internal ReadOnlySpan<OracleFunction> Functions => _functions;

    internal ReadOnlySpan<OracleTable> Tables => _tables;

    /// <summary>Of its own tables together, which the limit is about; imported ones are their owner's.</summary>
    internal long OwnTableElements => _tables[^Module.Module.Tables.Length..].Sum(table => (long)table.Size);

    internal ReadOnlySpan<OracleGlobal> Globals => _globals;

    /// <summary>The references of each element segment; none once it is dropped.</summary>
    internal Span<ImmutableArray<object?>> Elements => _elements;

    /// <summary>The bytes of each data segment; none once it is dropped.</summary>
    internal Span<ReadOnlyMemory<byte>> Data => _data;

    /// <summary>Links, fills tables and memory, and runs the start function.</summary>
    /// <param name="imports">Answers null for what it does not have.</param>
    public static Instantiation Instantiate(
        ValidatedModule module, Func<Import, OracleExtern?> imports, OracleLimits limits) =>
        Instantiator.Run(module, imports, limits);

    /// <summary>The same without the start function, which is the caller's to call.</summary>
    public static Instantiation Link(
        ValidatedModule module, Func<Import, OracleExtern?> imports, OracleLimits limits) =>
        Instantiator.Link(module, imports, limits);

    /// <summary>A function by its index.</summary>
    public OracleFunction Function(FuncIndex index) => _functions[index.Value];

    /// <summary>What the module exports under a name, or null.</summary>
    public OracleExtern? Export(string name)
    {
        foreach (var export in Module.Module.Exports)
        {
            if (export.Name == name)
            {
                return export.Kind switch
                {
                    ExternKind.Func => new OracleExtern.OfFunc(_functions[export.Index]),
                    ExternKind.Table => new OracleExtern.OfTable(_tables[export.Index]),
                    ExternKind.Memory => new OracleExtern.OfMemory(_memories[export.Index]),
                    ExternKind.Global => new OracleExtern.OfGlobal(_globals[export.Index]),
                };
            }
        }

        return null;
    }

    /// <summary>Calls an exported function. The name and the number of arguments must be right.</summary>
    public OracleResult Invoke(string export, ReadOnlySpan<Value> arguments)
    {
        var function = Export(export) as OracleExtern.OfFunc;
        Invariant.Holds(function is not null);
        return Call(function.Function, arguments, Limits);
    }

    /// <summary>Calls any function with fresh fuel.</summary>
    public static OracleResult Call(OracleFunction function, ReadOnlySpan<Value> arguments, OracleLimits limits)
    {
        Invariant.Holds(arguments.Length == function.Type.Parameters.Length);
        return new Machine(limits).Run(function, arguments);
    }

    internal Value Constant(ReadOnlyMemory<byte> code)
    {
        var stack = new List<Value>();
        var reader = new InstructionReader(code.Span);
        while (reader.Next() && reader.Opcode is not Opcode.End)
        {
            if (Operations.Find(reader.Opcode) is { } operation)
            {
                Span<Value> operands = [stack[^2], stack[^1]];
                operation(operands, lane: 0);
                stack.RemoveRange(stack.Count - 2, 2);
                stack.Add(operands[0]);
                continue;
            }

            stack.Add(reader.Opcode switch
            {
                Opcode.GlobalGet => _globals[reader.Index].Value,
                Opcode.RefFunc => Value.OfReference(_functions[reader.Index]),
                Opcode.RefNull => Value.OfReference(null),
                _ => CodePreparer.ConstantOf(in reader),
            });
        }

        return stack[0];
    }

    private ImmutableArray<object?> References(ElementItems items) =>
        items is ElementItems.Functions functions
            ? [.. functions.Indices.Select(index => _functions[index.Value])]
            : [.. ((ElementItems.Expressions)items).Codes.Select(code => Constant(code).Reference)];
}

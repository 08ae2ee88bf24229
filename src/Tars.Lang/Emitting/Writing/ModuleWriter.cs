using System.Collections.Immutable;
using System.Text;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;

namespace Tars.Lang.Emitting.Writing;

/// <summary>
/// The module being written: routines in order of first use, constants, and the host calls that are used.
/// </summary>
/// <remarks>
/// Invariants:
///   I1  A routine is in the module exactly when something asked for it, so the library costs only what is used.
///   I2  Order follows from the order of asking alone; equal input gives equal bytes.
/// </remarks>
internal sealed class ModuleWriter
{
    private readonly Dictionary<object, Routine> _byKey = [];
    private readonly List<Routine> _routines = [];
    private readonly Queue<Routine> _unwritten = [];
    private readonly Dictionary<Routine, Body> _bodies = [];
    private readonly Dictionary<HostCall, Routine> _imports = [];
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _tables = new(StringComparer.Ordinal);
    private readonly ByteWriter _data = new();

    /// <summary>Answers, when all code is written, how many bytes the fixed part of the state region takes.</summary>
    public Func<int> LaidOut { get; set; } = () => 0;

    /// <summary>The names of all functions by index, once the module is built.</summary>
    public ImmutableArray<string> FunctionNames { get; private set; } = [];

    /// <summary>The first address of the state region.</summary>
    public int StateBase => (MemoryMap.Data + _data.Length + 15) & ~15;

    /// <summary>Where the constants end.</summary>
    public int DataEnd => MemoryMap.Data + _data.Length;

    /// <summary>The routine of that name; <paramref name="write"/> is run once, when it is first asked for.</summary>
    public Routine Routine(string name, ValType[] parameters, ValType[] results, Action<Body> write) =>
        RoutineOf(name, name, parameters, results, write);

    /// <summary>
    /// The routine of a thing that an author declared: it is known by its symbol, as its name may be any other's too.
    /// </summary>
    public Routine RoutineOf(
        object key, string name, ValType[] parameters, ValType[] results, Action<Body> write)
    {
        if (!_byKey.TryGetValue(key, out var routine))
        {
            routine = new Routine(name, new FuncType([.. parameters], [.. results]), write);
            _byKey.Add(key, routine);
            _routines.Add(routine);
            _unwritten.Enqueue(routine);
        }

        return routine;
    }

    /// <summary>A host call as a routine without a body.</summary>
    public Routine Import(HostCall call)
    {
        if (!_imports.TryGetValue(call, out var import))
        {
            var row = HostCalls.Find((int)call);
            Invariant.Holds(row is not null);
            import = new Routine(row.Name, new FuncType([.. row.Arguments.SelectMany(Types)], []), _ => { });
            _imports.Add(call, import);
        }

        return import;
    }

    /// <summary>Stores the code of a trap; the caller executes <c>unreachable</c>.</summary>
    public Routine TrapOf(GuestTrap why) => Routine(
        $"trap.{why}", [], [], body => body.Store32(MemoryMap.Control, (int)why, ControlBlock.TrapCode));

    /// <summary>The address of constant bytes; equal texts share one.</summary>
    public int TextAt(string text)
    {
        if (!_texts.TryGetValue(text, out int at))
        {
            at = DataAt(Encoding.UTF8.GetBytes(text));
            _texts.Add(text, at);
        }

        return at;
    }

    /// <summary>Puts bytes among the constants, at a multiple of 8, and answers their address.</summary>
    public int DataAt(ReadOnlySpan<byte> bytes)
    {
        _data.Align(8);
        int at = DataEnd;
        _data.Bytes(bytes);
        return at;
    }

    /// <summary>A table of constants, put there when first asked for under its name.</summary>
    public int TableAt(string name, ReadOnlySpan<byte> bytes)
    {
        if (!_tables.TryGetValue(name, out int at))
        {
            at = DataAt(bytes);
            _tables.Add(name, at);
        }

        return at;
    }

    /// <summary>A text as a value: address in the low half, size in the high half.</summary>
    public long TextValue(string text) =>
        text.Length == 0 ? 0 : (uint)TextAt(text) | ((long)Encoding.UTF8.GetByteCount(text) << 32);

    /// <summary>Writes what is unwritten and puts the module together.</summary>
    /// <param name="run">The dispatcher.</param>
    /// <param name="reserve">What makes the event ring larger.</param>
    public WasmModule Build(Routine run, Routine reserve)
    {
        WriteAll();
        int rootsSize = (LaidOut() + 15) & ~15;
        var builder = new ModuleBuilder();
        FunctionNames = [.. Everything().Select(one => one.Name)];
        foreach (var (call, import) in _imports.OrderBy(one => one.Key))
        {
            import.Index = builder.ImportFunc(HostCalls.ModuleName, import.Name, builder.Type(import.Type));
        }

        foreach (var routine in _routines)
        {
            routine.Index = builder.Declare(builder.Type(routine.Type));
        }

        foreach (var routine in _routines)
        {
            var body = _bodies[routine];
            builder.Define(routine.Index, [.. body.Locals], body.Finish());
        }

        AddMemory(builder, rootsSize);
        builder.Export(GuestExports.Run, run.Index);
        builder.Export(GuestExports.Reserve, reserve.Index);
        builder.Custom("name", NameSection());
        return builder.Build();
    }

    private void AddMemory(ModuleBuilder builder, int rootsSize)
    {
        uint pages = (uint)((StateBase + rootsSize + Limits.FirstHeapBytes + 0xFFFF) >> 16);
        builder.Export(GuestExports.Memory, builder.Memory(new WasmRange(pages, null)));
        var control = builder.Global(
            new GlobalType(ValType.I32, Mutable: false), new CodeWriter().I32Const(MemoryMap.Control).End());
        builder.Export(ControlBlock.AddressExport, control);
        builder.Data(MemoryMap.Control, ControlBytes(pages));
        var heapEnd = new ByteWriter();
        heapEnd.U32((pages << 16) - Limits.HeapMargin);
        builder.Data(MemoryMap.HeapEnd, heapEnd.ToArray());
        if (0 < _data.Length)
        {
            builder.Data(MemoryMap.Data, _data.ToArray());
        }

        // The first root is the allocator's, and its first field is where the heap goes on.
        var roots = new ByteWriter();
        roots.I64(0);
        roots.U32((uint)(StateBase + rootsSize));
        builder.Data(StateBase, roots.ToArray());
    }

    private byte[] ControlBytes(uint pages)
    {
        var bytes = new ByteWriter();
        bytes.U32(ControlBlock.AbiVersion);
        bytes.U32(MemoryMap.EventRing);
        bytes.U32(MemoryMap.EventRingSize);
        bytes.U32(MemoryMap.EffectRing);
        bytes.U32(MemoryMap.EffectRingSize);
        bytes.Bytes(new byte[ControlBlock.StateBase - bytes.Length]);
        bytes.U32((uint)StateBase);
        bytes.U32(pages << 16);
        bytes.Bytes(new byte[ControlBlock.Flags - bytes.Length]);
        bytes.U32(ControlBlock.KeepsUndoLog);
        return bytes.ToArray();
    }

    private static IEnumerable<ValType> Types(HostArgument argument) => argument.Kind switch
    {
        HostArgumentKind.I32 => [ValType.I32],
        HostArgumentKind.I64 => [ValType.I64],
        HostArgumentKind.F64 => [ValType.F64],
        HostArgumentKind.Bytes => [ValType.I32, ValType.I32],
    };

    private IEnumerable<Routine> Everything() =>
        _imports.OrderBy(one => one.Key).Select(one => one.Value).Concat(_routines);

    private void WriteAll()
    {
        while (_unwritten.TryDequeue(out var routine))
        {
            var body = new Body(this, routine.Type);
            _bodies.Add(routine, body);
            routine.Write(body);
            body.Code.End();
        }
    }

    // The name section of the specification's appendix, its function names alone.
    private byte[] NameSection()
    {
        var names = new ByteWriter();
        var all = Everything().ToArray();
        names.LebU64((ulong)all.Length);
        foreach (var routine in all)
        {
            names.LebU64((ulong)routine.Index.Value);
            byte[] name = Encoding.UTF8.GetBytes(routine.Name);
            names.LebU64((ulong)name.Length);
            names.Bytes(name);
        }

        var section = new ByteWriter();
        section.U8(1);
        section.LebU64((ulong)names.Length);
        section.Bytes(names.Written);
        return section.ToArray();
    }
}

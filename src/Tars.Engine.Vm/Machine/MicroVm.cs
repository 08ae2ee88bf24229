using Tars.Engine.Vm.Kvm;

namespace Tars.Engine.Vm.Machine;

/// <summary>A micro-VM: one address space, one processor, no kernel. It runs code and says why it stopped.</summary>
/// <remarks>
/// Owned by one thread at a time; only <see cref="Preempt"/> may be called from elsewhere.
/// Invariants:
///   I1  A poisoned machine never runs again: whatever is asked of it answers <see cref="VmBreach.Poisoned"/>.
///   I2  Every stop that is not foreseen poisons it (fail closed).
///   I3  Nothing that the guest wrote is used as an address or a length without a check.
///   I4  The memory is unmapped after the last descriptor of the machine is closed.
///   I5  Code that is entered runs in ring 3 and meets no fault of the last run, wherever that was stopped.
/// </remarks>
internal sealed partial class MicroVm : IDisposable
{
    // Above what KVM and old devices claim for themselves.
    private const long PhysicalBase = 4L << 30;

    // From one further window to the next; 64 of them stay below the 39 bits that every processor has.
    private const long PhysicalStride = 5L << 30;

    private readonly VmShape _shape;
    private readonly VmWatch _watch;
    private readonly VmCounts _counts;
    private readonly KvmVm _vm;
    private readonly KvmVcpu _vcpu;
    private readonly PageTables _tables;
    private readonly MappedMemory _memory;
    private readonly List<MappedMemory> _furtherMemory = [];
    private readonly List<WindowMemory> _windows = [];
    private readonly List<(KvmMemoryRegion Region, int Window)> _slots = [];
    private readonly VmLayout _layout;
    private readonly KvmSregs _fresh;
    private VmImage? _image;
    private bool _isPoisoned;
    private bool _isDisposed;

    private MicroVm(VmShape shape, VmHost host, KvmVm vm, MappedMemory memory)
    {
        _shape = shape;
        _watch = host.Watch;
        _counts = host.Counts;
        _vm = vm;
        _memory = memory;
        _layout = new VmLayout(shape);
        _tables = new PageTables(memory, PhysicalBase, _layout.TablePageCount);
        var window = new WindowMemory(
            memory, _tables, index: 0, _layout.Window, PhysicalBase + _layout.Window, shape.MemoryMax);
        window.Backed = Math.Min(shape.MemoryMax, shape.MemorySize + Limits.GrowthRoomBytes);
        _windows.Add(window);
        AddSlot(window: 0, new KvmMemoryRegion
        {
            GuestAddress = (ulong)PhysicalBase,
            Size = (ulong)(_layout.Window + window.Backed),
            HostAddress = (ulong)memory.Address,
        });
        MapParts();
        _vcpu = vm.CreateVcpu();
        _fresh = FirstRegisters(host.System);
        _vcpu.Area.ValidRegs = KvmRunArea.SyncRegs;
        _isOutsideRingThree = true;
    }

    public VmShape Shape => _shape;

    /// <summary>What it was loaded with.</summary>
    public VmImage? Image => _image;

    public bool IsPoisoned => _isPoisoned;

    public int WindowCount => _windows.Count;

    /// <summary>Cells, call block, globals and tables. Between two runs it is the host's too.</summary>
    public Span<byte> Control => _memory.Octets(_layout.Control, _shape.ControlSize);

    /// <summary>A machine in which nothing runs yet.</summary>
    /// <exception cref="KvmException">The system has no more machines or memory.</exception>
    public static MicroVm Create(VmHost host, VmShape shape)
    {
        if (shape.Mistake() is { } mistake)
        {
            throw new ArgumentException(mistake, nameof(shape));
        }

        MappedMemory? memory = null;
        KvmVm? vm = null;
        try
        {
            memory = MappedMemory.Reserve(new VmLayout(shape).Size);
            vm = host.System.CreateVm();
            vm.DenyModelSpecificRegisters();
            return new MicroVm(shape, host, vm, memory);
        }
        catch (KvmException)
        {
            vm?.Dispose();
            memory?.Dispose();
            throw;
        }
    }

    /// <summary>Puts an image of the machine's own shape in it, and breakpoints behind its code.</summary>
    /// <remarks>All else stays as it is: zero in a machine that is new or was cleaned.</remarks>
    public void Load(VmImage image)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (image.Shape != _shape || _shape.TextSize < image.Text.Length || _shape.ReadOnlySize < image.ReadOnly.Length
            || _shape.ControlSize - GuestMap.Control.Module < image.Control.Length)
        {
            throw new ArgumentException("an image of another shape", nameof(image));
        }

        const byte Breakpoint = 0xCC;
        var text = _memory.Octets(_layout.Text, _layout.TextSize);
        image.Text.Span.CopyTo(text);
        text[image.Text.Length..].Fill(Breakpoint);
        image.ReadOnly.Span.CopyTo(_memory.Octets(_layout.ReadOnly, _layout.ReadOnlySize));
        image.Control.Span.CopyTo(Control[GuestMap.Control.Module..]);
        TellSizes();
        _image = image;
    }

    /// <summary>The linear memory of a window, as far as a span reaches. Growing does not move it.</summary>
    /// <remarks>Who takes it may write, so the next restore looks at every page; see <see cref="Write"/>.</remarks>
    public Span<byte> Memory(int window)
    {
        _windows[window].IsHostWritten = true;
        return _windows[window].Octets;
    }

    /// <summary>Some of it, wherever it lies; the caller has checked that it lies inside, and may write.</summary>
    public Span<byte> MemoryAt(int window, long at, int size)
    {
        _windows[window].IsHostWritten = true;
        return _windows[window].At(at, size);
    }

    /// <summary>The same, to be read only.</summary>
    public ReadOnlySpan<byte> Look(int window) => _windows[window].Octets;

    /// <summary>Octets become zero; where they are many their memory goes back to the system.</summary>
    public void Forget(int window, long at, int size)
    {
        _windows[window].IsHostWritten = true;
        _windows[window].Forget(at, size);
    }

    /// <summary>Writes into a linear memory, and remembers which pages.</summary>
    public void Write(int window, long at, ReadOnlySpan<byte> octets) => _windows[window].Write(at, octets);

    public long MemorySize(int window) => _windows[window].Size;

    /// <summary>Changes the size of a linear memory, in place. What is added is zero.</summary>
    /// <returns>False when it would be larger than its limit, or the system has no room.</returns>
    public bool TryResize(int window, long size)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var memory = _windows[window];
        if (memory.Max < size)
        {
            return false;
        }

        if (memory.SlotFor(size, _slots.Count) is { } slot)
        {
            try
            {
                AddSlot(window, slot);
            }
            catch (KvmException)
            {
                return false;
            }

            memory.Backed += (long)slot.Size;
        }

        memory.Resize(size);
        TellSizes();
        return true;
    }

    /// <summary>Carries out <see cref="GuestMap.HostCall.MemoryGrow"/> as the call block says it.</summary>
    public void AnswerMemoryGrow()
    {
        var block = Control[GuestMap.Control.CallBlock..];
        int index = BitConverter.ToInt32(block);
        uint pages = BitConverter.ToUInt32(block[GuestMap.Control.CallSlotSize..]);
        const int Refused = -1;
        int answer = Refused;
        if (0 <= index && index < _windows.Count)
        {
            long size = _windows[index].Size;
            if (TryResize(index, size + (pages * (long)GuestMap.WasmPageSize)))
            {
                answer = (int)(size / GuestMap.WasmPageSize);
            }
        }

        BitConverter.TryWriteBytes(Control[GuestMap.Control.CallBlock..], (long)answer);
    }

    /// <summary>One more linear memory, for a store of several instances.</summary>
    /// <returns>Its window.</returns>
    public int AddWindow(long size, long max)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        long mapped = _furtherMemory.Sum(further => further.Size);
        if (VmShape.MemoryMistake(size, max) is not null
            || _shape.WindowCountMax <= _windows.Count || _shape.FurtherMemoryMax < mapped + max)
        {
            throw new ArgumentException("a memory for which the shape has no room", nameof(max));
        }

        int index = _windows.Count;
        var memory = MappedMemory.Reserve(Math.Max(max, GuestMap.PageSize));
        _furtherMemory.Add(memory);
        _windows.Add(new WindowMemory(
            memory, _tables, index, offset: 0, PhysicalBase + (index * PhysicalStride), max));
        return TryResize(index, size) ? index : throw KvmException.Missing("memory slots left");
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _vcpu.Dispose();
        _vm.Dispose();
        foreach (var memory in _furtherMemory)
        {
            memory.Dispose();
        }

        _memory.Dispose(); // I4
    }

    private KvmSregs FirstRegisters(KvmSystem system)
    {
        var registers = default(KvmSregs);
        try
        {
            _vcpu.ReadSystemRegisters(ref registers);
        }
        catch (KvmException)
        {
            _vcpu.Dispose();
            throw;
        }

        return RingZero.Registers(registers, PhysicalBase, system.HasDescriptorFence);
    }

    private void AddSlot(int window, KvmMemoryRegion slot)
    {
        slot.Flags = _baseline is null ? 0 : KvmMemoryRegion.LogDirtyPages;
        _vm.SetMemory(slot);
        _slots.Add((slot, window));
    }

    private void MapParts()
    {
        var ring = _memory.Octets(_layout.Supervisor, VmLayout.SupervisorSize);
        RingZero.Write(ring);
        RingZero.Map(_tables, PhysicalBase + _layout.Supervisor);
        Map(GuestMap.ControlBase, _layout.Control, _layout.ControlSize, PageRights.ReadWrite);
        Map(GuestMap.StackTop - _layout.StackSize, _layout.Stack, _layout.StackSize, PageRights.ReadWrite);
        Map(GuestMap.TextBase, _layout.Text, _layout.TextSize, PageRights.Code);
        Map(GuestMap.ReadOnlyBase(_shape.TextSize), _layout.ReadOnly, _layout.ReadOnlySize, PageRights.ReadOnly);
        _windows[0].Resize(_shape.MemorySize);

        void Map(long address, long offset, long size, PageRights rights) =>
            _tables.Map(address, PhysicalBase + offset, size, rights);
    }

    private void TellSizes()
    {
        var cells = Control[GuestMap.Control.MemorySizes..];
        for (int window = 0; window < _windows.Count; window++)
        {
            BitConverter.TryWriteBytes(cells[(window * sizeof(long))..], _windows[window].Size);
        }
    }
}

namespace Tars.Bundle.Abi;

/// <summary>
/// Where the fields of the control block lie, in bytes from its start. All are u32 unless said otherwise.
/// </summary>
/// <remarks>
/// The guest exports its address as the immutable global <see cref="AddressExport"/>. docs/abi.md says who writes what:
/// G the guest, E the engine (while it runs a host call), H the kernel (between two calls).
/// </remarks>
public static class ControlBlock
{
    public const string AddressExport = "tars_control";

    /// <summary>The value of <see cref="Version"/> that this page describes.</summary>
    public const uint AbiVersion = 1;

    /// <summary>G, once: <see cref="AbiVersion"/>.</summary>
    public const int Version = 0;

    /// <summary>G: the address of the event ring, a multiple of 8.</summary>
    public const int EventsBase = 4;

    /// <summary>G: the size of the event ring in bytes; tars_reserve may change both.</summary>
    public const int EventsSize = 8;

    /// <summary>G: the address of the effect ring, a multiple of 8.</summary>
    public const int EffectsBase = 12;

    /// <summary>G: the size of the effect ring in bytes.</summary>
    public const int EffectsSize = 16;

    /// <summary>E, H: bytes of effects written since the batch began; the kernel sets it to 0 before a batch.</summary>
    public const int EffectsUsed = 20;

    /// <summary>G, H: bytes of effects that belong to committed events.</summary>
    public const int EffectsCommitted = 24;

    /// <summary>
    /// G, H: how many events of this batch are committed; so it is also the index of the event being handled.
    /// </summary>
    public const int EventsCommitted = 28;

    /// <summary>G, H: the address of the newest chunk of the undo log, or 0.</summary>
    public const int UndoHead = 32;

    /// <summary>
    /// G: first address of the state region: all that undo may write to lies in [StateBase, StateEnd).
    /// </summary>
    public const int StateBase = 36;

    /// <summary>G: the address after the state region; grows with the heap.</summary>
    public const int StateEnd = 40;

    /// <summary>G: why the guest is about to trap on purpose, a <see cref="GuestTrap"/>; 0 otherwise.</summary>
    public const int TrapCode = 44;

    /// <summary>G: address of the text of <c>fail</c>, or of detail.</summary>
    public const int TrapTextBase = 48;

    /// <summary>G: size of that text in bytes.</summary>
    public const int TrapTextSize = 52;

    /// <summary>G: the number, in the debug map, of the statement being executed.</summary>
    public const int Site = 56;

    /// <summary>G: address of the bytes that a save event produced.</summary>
    public const int SavedBase = 60;

    /// <summary>G: size of those bytes.</summary>
    public const int SavedSize = 64;

    /// <summary>G: bit 0 says that this guest keeps an undo log.</summary>
    public const int Flags = 68;

    /// <summary>The value of bit 0 of <see cref="Flags"/>.</summary>
    public const uint KeepsUndoLog = 1;

    /// <summary>The whole block, with room to grow; a multiple of 8.</summary>
    public const int Size = 96;
}

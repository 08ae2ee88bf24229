using System.Runtime.InteropServices;
using Tars.Engine.Vm.Objects;

namespace Tars.Engine.Vm;

/// <summary>What this machine has of what the engine needs.</summary>
/// <remarks>No guest is run and no process begun for it, so it may be asked at each start; <see cref="VmDoctor"/> tries
/// things out.</remarks>
public static class VmSupport
{
    internal const string Device = "/dev/kvm";

    private static readonly Lazy<string?> _whyNot = new(Look);

    /// <summary>Why guests cannot run in machines of their own here; null when they can.</summary>
    public static string? WhyNot => _whyNot.Value;

    /// <summary>Whether what is compiled can be kept for the next time: a file is made where that is, and deleted.
    /// </summary>
    public static bool IsCodeKept() =>
        ObjectCache.UsualFolder() is { } folder && ObjectCache.WhyNotKept(folder) is null;

    private static string? Look() =>
        !OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64
            ? "it is for Linux on x86-64 processors"
            : !File.Exists(Device) ? $"there is no {Device}"
            : !IsOpen() ? $"{Device} may not be opened by this user"
            : VmEngine.Shared.WhyNot;

    internal static bool IsOpen()
    {
        try
        {
            using var device = File.OpenHandle(Device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return true;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

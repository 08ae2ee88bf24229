using System.Collections.Immutable;

namespace Tars.Devices.Button;

/// <summary>The one message of a `button` device: true when it is pressed, false when it is let go.</summary>
public static class Protocol
{
    public static ImmutableArray<byte> Event(bool isDown) => [isDown ? (byte)1 : (byte)0];
}

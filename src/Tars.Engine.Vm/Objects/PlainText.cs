using System.Text;

namespace Tars.Engine.Vm.Objects;

/// <summary>What a child says, as text that can stand in a message: one line, no control characters, bounded.</summary>
internal static class PlainText
{
    public static string Of(ReadOnlySpan<byte> octets) =>
        Of(Encoding.UTF8.GetString(octets[..Math.Min(octets.Length, Limits.RefusalBytesMax)]));

    public static string Of(string text)
    {
        var plain = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (plain.Length == Limits.RefusalTextMax)
            {
                break;
            }

            plain.Append(Rune.IsControl(rune) || !rune.IsBmp ? ' ' : (char)rune.Value);
        }

        return plain.ToString().Trim();
    }
}

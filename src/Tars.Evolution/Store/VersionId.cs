using System.Security.Cryptography;
using System.Text;

namespace Tars.Evolution.Store;

/// <summary>Names what a store holds: SHA-256 of its octets, in hexadecimal.</summary>
public readonly record struct VersionId
{
    private const int Digits = 64;

    /// <summary>How many of them are shown to people, and the least that they may say.</summary>
    private const int DigitsShown = 12;

    private readonly string? _hex;

    private VersionId(string hex) => _hex = hex;

    /// <summary>Of nothing: where no version is.</summary>
    public static VersionId None => default;

    public bool IsNone => _hex is null;

    /// <summary>For people.</summary>
    public string Short => IsNone ? "-" : _hex![..DigitsShown]; // One that is not None has all its digits.

    public static VersionId Of(ReadOnlySpan<byte> octets) => new(Convert.ToHexStringLower(SHA256.HashData(octets)));

    public static VersionId Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Reads what <see cref="ToString"/> writes, and nothing else.</summary>
    public static bool TryParse(string text, out VersionId id)
    {
        bool isRight = text.Length == 0 || (text.Length == Digits && text.All(char.IsAsciiHexDigitLower));
        id = isRight && text.Length != 0 ? new VersionId(text) : None;
        return isRight;
    }

    /// <summary>Whether a person may mean it: the first digits of it.</summary>
    public bool BeginsWith(string digits) =>
        !IsNone && 4 <= digits.Length && _hex!.StartsWith(digits, StringComparison.Ordinal);

    /// <summary>All digits; empty for none.</summary>
    public override string ToString() => _hex ?? "";
}

using Tars.Base;

namespace Tars.Sim;

/// <summary>Damages a text in a few places, as the seed will have it.</summary>
internal static class TextMutation
{
    private static readonly string[] _telling =
        ["{", "}", "(", ")", "[", "]", "\"", "|", ":", ": ", " #", ",", "\n", "  ", "=>", "?", "!", "ask ", "\t",
            "\0", "&a ", "*a", "- ", "é", "'"];

    public static string Of(string text, Xoshiro256 random)
    {
        for (int left = 1 + random.Next(4); 0 < left && 1 < text.Length; left--)
        {
            int at = random.Next(text.Length);
            int size = Math.Min(random.Next(12), text.Length - at);
            text = random.Next(4) switch
            {
                0 => text.Remove(at, size),
                1 => text.Insert(at, _telling[random.Next(_telling.Length)]),
                2 => text.Insert(random.Next(text.Length), text.Substring(at, size)),
                _ => text[..at] + (char)(32 + random.Next(95)) + text[(at + 1)..],
            };
        }

        return text;
    }
}

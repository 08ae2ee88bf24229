using System.Text;

namespace Tars.Bundle.Manifest;

/// <summary>The members of an enum as the words of the language: <c>WithModule</c> is <c>with_module</c>.</summary>
internal static class EnumWords<T>
    where T : struct, Enum
{
    private static readonly T[] _values = Enum.GetValues<T>();
    private static readonly string[] _words = [.. _values.Select(value => Word(value.ToString()))];

    public static string Of(T value) => _words[Array.IndexOf(_values, value)];

    public static bool TryParse(string word, out T value)
    {
        int index = Array.IndexOf(_words, word);
        value = index < 0 ? default : _values[index];
        return 0 <= index;
    }

    private static string Word(string name)
    {
        var word = new StringBuilder();
        foreach (char one in name)
        {
            if (char.IsAsciiLetterUpper(one) && 0 < word.Length)
            {
                word.Append('_');
            }

            word.Append(char.ToLowerInvariant(one));
        }

        return word.ToString();
    }
}

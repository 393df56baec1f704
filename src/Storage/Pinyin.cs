using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace ExposureMonitor.Storage;

/// <summary>
/// Chinese names by the first letters of their pinyin, as people type them: <c>zgyh</c> for 中国银行. ICU sorts Chinese by pinyin, so that the first
/// character of each letter in its order bounds the letter: no package and no index, since names change and a search walks over them anyway.
/// </summary>
internal static class Pinyin
{
    /// <summary>A single letter would find half of the names; a longer text is no abbreviation.</summary>
    private const int Least = 2, Most = 12;

    private const char First = '\u4E00', Last = '\u9FA5';

    /// <summary>Letters that a syllable begins with, each with the first character of it in the order of ICU.</summary>
    private const string Letters = "abcdefghjklmnopqrstwxyz", Starts = "阿八嚓咑妸发旮哈丌咔垃妈拏噢妑七呥仨他屲夕丫帀";

    /// <summary>Characters of names of firms, places and people with a second reading, and its letter.</summary>
    private const string Others = "行h厦x重c重z长c长z单s单d乐y乐l曾z曾c盛s盛c解x解j区o区q仇q仇c查z查c会k会h藏z藏c朝z朝c传z传c调t调d尉y尉w翟z翟d贾g贾j校x校j降x降j车j车c都d沈s石s石d率l率s弹t弹d宿x宿s蔚y蔚w尺c大d六l系x系j铅q铅y什s屏p屏b";

    private static readonly CompareInfo Order = CultureInfo.GetCultureInfo("zh-Hans-CN").CompareInfo;

    private static readonly Lazy<int[]> Table = new(Make);

    private static readonly FrozenDictionary<char, string> Classes = Letters.ToFrozenDictionary(l => l, ClassOf);

    /// <summary>True when a text may be the first letters of a Chinese name, and this host knows the order of pinyin.</summary>
    internal static bool IsInitials(string text) => text.Length is >= Least and <= Most && text.All(char.IsAsciiLetter) && text.All(l => Classes.ContainsKey(char.ToLowerInvariant(l))) && Table.Value.Length > 0;

    /// <summary>True when characters of a name, one after the other, begin with the letters; at least one of them is Chinese.</summary>
    internal static bool Matches(string name, string letters)
    {
        for (var from = 0; from + letters.Length <= name.Length; from++)
        {
            var (at, isChinese) = (0, false);
            while (at < letters.Length && (MaskOf(name[from + at]) & BitOf(letters[at])) != 0) isChinese |= name[from + at++] >= First;
            if (at == letters.Length && isChinese) return true;
        }

        return false;
    }

    /// <summary>The same as a regular expression of PostgreSQL. It finds names without a Chinese character as well; those contain the text itself.</summary>
    internal static string PatternOf(string letters) => string.Concat(letters.Select(l => Classes[char.ToLowerInvariant(l)]));

    private static string ClassOf(char letter)
    {
        var text = new StringBuilder("[").Append(letter).Append(char.ToUpperInvariant(letter));
        for (var i = 0; i < Table.Value.Length; i++)
            if ((Table.Value[i] & BitOf(letter)) != 0) text.Append((char)(First + i));
        return text.Append(']').ToString();
    }

    private static int MaskOf(char c) => c is >= First and <= Last ? Table.Value[c - First] : char.IsAsciiLetter(c) ? BitOf(c) : 0;

    private static int BitOf(char letter) => 1 << (char.ToLowerInvariant(letter) - 'a');

    /// <summary>Letters of each character as bits; empty on a host whose order is not by pinyin.</summary>
    private static int[] Make()
    {
        for (var i = 1; i < Starts.Length; i++)
            if (Order.Compare(Starts[i - 1].ToString(), Starts[i].ToString()) >= 0) return [];
        var table = new int[Last - First + 1];
        for (var i = 0; i < table.Length; i++)
        {
            var one = ((char)(First + i)).ToString();
            var (low, high) = (0, Starts.Length);
            while (high - low > 1)
                if (Order.Compare(one, Starts[(low + high) / 2].ToString()) >= 0) low = (low + high) / 2;
                else high = (low + high) / 2;
            table[i] = BitOf(Letters[low]);
        }

        for (var i = 0; i < Others.Length; i += 2) table[Others[i] - First] |= BitOf(Others[i + 1]);
        return table;
    }
}

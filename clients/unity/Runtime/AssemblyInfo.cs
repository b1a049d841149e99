using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("GetArrToken.Tests")]

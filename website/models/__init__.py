from website.models.base import PublicPage
from website.models.pages import ArticlePage, HandbookPage, HomePage, ListingPage, NoticePage, SectionPage
from website.models.reviews import SecondPersonTask

__all__ = [
    "ArticlePage",
    "HandbookPage",
    "HomePage",
    "ListingPage",
    "NoticePage",
    "PublicPage",
    "SecondPersonTask",
    "SectionPage",
]

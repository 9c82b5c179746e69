from magazine.models.issues import IssuePage, MagazineIndexPage
from magazine.models.mailings import Delivery, Edition, Mailing
from magazine.models.subscribers import Subscriber, Suppression

__all__ = ["Delivery", "Edition", "IssuePage", "MagazineIndexPage", "Mailing", "Subscriber", "Suppression"]
